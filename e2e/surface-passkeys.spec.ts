// Passkeys with the PRF extension, made and used in the module's frame of another origin, with Chromium's virtual authenticator.

import type { FrameLocator, Page } from '@playwright/test';
import type { SurfaceAnswer } from '../src/worker-module/frame/testing/surface-protocol.ts';
import { addAuthenticator } from './rig/authenticator.ts';
import { answered, answerTo, ask, freshSalt, openHost, press, QUESTIONS } from './surface/questions.ts';
import type { ServedSurface } from './surface/serve-surface.ts';
import { expect, test } from './surface/test.ts';

type Passkey = Extract<SurfaceAnswer, { kind: 'passkey' }>;

let served: ServedSurface;

test.use({ viewport: { width: 900, height: 700 } });
test.beforeAll(({ surface }) => {
  served = surface;
});

async function makePasskey(page: Page, module: FrameLocator, prfSalt: Uint8Array): Promise<Passkey> {
  const number = await ask(page, { ...QUESTIONS['new-passkey'], prfSalt });
  await press(module, 'Make passkey');
  return passkeyOf(await answered(page, number));
}

async function usePasskey(
  page: Page,
  module: FrameLocator,
  credentialId: Uint8Array,
  prfSalt: Uint8Array,
): Promise<Passkey> {
  const number = await ask(page, {
    kind: 'unlock',
    passphrase: false,
    passkeys: [{ credentialId, prfSalt }],
    wrongTries: 0,
  });
  await press(module, 'Use your passkey');
  return passkeyOf(await answered(page, number));
}

function passkeyOf(answer: SurfaceAnswer): Passkey {
  if (answer.kind !== 'passkey') throw new Error(`the answer is ${answer.kind}`);
  return answer;
}

test('CARD-3: a passkey with PRF gives 32 bytes, the same for the same salt and others for another', async ({
  page,
}) => {
  await addAuthenticator(page, { prf: true });
  const module = await openHost(page, served.url);
  const [salt, otherSalt] = [freshSalt(), freshSalt()];
  const made = await makePasskey(page, module, salt);
  expect(made.prfOutput.byteLength).toBe(32);
  expect(made.prfOutput.some((byte) => byte !== 0)).toBe(true);
  expect(made.credentialId.byteLength).toBeGreaterThan(0);

  const used = await usePasskey(page, module, made.credentialId, salt);
  expect(used.credentialId).toEqual(made.credentialId);
  expect(used.prfOutput).toEqual(made.prfOutput);
  const again = await usePasskey(page, module, made.credentialId, salt);
  expect(again.prfOutput).toEqual(made.prfOutput);
  const other = await usePasskey(page, module, made.credentialId, otherSalt);
  expect(other.prfOutput.byteLength).toBe(32);
  expect(other.prfOutput).not.toEqual(made.prfOutput);
});

test('CARD-3: each of two passkeys is asked with its own salt, and the answer says which it was', async ({ page }) => {
  await addAuthenticator(page, { prf: true });
  const module = await openHost(page, served.url);
  const salts = [freshSalt(), freshSalt()] as const;
  const first = await makePasskey(page, module, salts[0]);
  const number = await ask(page, {
    ...QUESTIONS['new-passkey'],
    userId: new Uint8Array(16).fill(4),
    prfSalt: salts[1],
  });
  await press(module, 'Make passkey');
  const second = passkeyOf(await answered(page, number));
  expect(second.credentialId).not.toEqual(first.credentialId);
  expect(second.prfOutput).not.toEqual(first.prfOutput);

  const unlock = await ask(page, {
    kind: 'unlock',
    passphrase: true,
    passkeys: [
      { credentialId: first.credentialId, prfSalt: salts[0] },
      { credentialId: second.credentialId, prfSalt: salts[1] },
    ],
    wrongTries: 0,
  });
  await press(module, 'Use your passkey');
  const used = passkeyOf(await answered(page, unlock));
  const [expected] = [first, second].filter(
    ({ credentialId }) => Buffer.from(credentialId).compare(used.credentialId) === 0,
  );
  expect(used.prfOutput).toEqual(expected?.prfOutput);
});

test('CARD-3: an authenticator without PRF is unavailable, and no passkey comes of it', async ({ page }) => {
  await addAuthenticator(page, { prf: false });
  const module = await openHost(page, served.url);
  const number = await ask(page, QUESTIONS['new-passkey']);
  await press(module, 'Make passkey');
  expect(await answered(page, number)).toEqual({ kind: 'unavailable' });
  await expect(module.getByRole('dialog')).toHaveCount(0);
});

test('BT-8: an authenticator that does not know the person can be tried again, or left', async ({ page }) => {
  await addAuthenticator(page, { prf: true, owner: false });
  const module = await openHost(page, served.url);
  const number = await ask(page, QUESTIONS['new-passkey']);
  await press(module, 'Make passkey');
  await expect(module.getByRole('alert')).toHaveText('No passkey was made. Nothing has changed; you can try again.');
  expect(await answerTo(page, number)).toBeNull();
  await module.getByRole('button', { name: 'Not now' }).click();
  expect(await answered(page, number)).toEqual({ kind: 'refused' });
});

test('BT-8: a passkey that is not in this device leaves the passphrase', async ({ page }) => {
  await addAuthenticator(page, { prf: true });
  const module = await openHost(page, served.url);
  const number = await ask(page, QUESTIONS.unlock);
  await press(module, 'Use your passkey');
  await expect(module.getByRole('alert')).toContainText('Your passkey did not answer');
  await module.getByLabel('Passphrase', { exact: true }).fill('open sesame');
  await press(module, 'Unlock');
  expect(await answered(page, number)).toEqual({ kind: 'passphrase', passphrase: 'open sesame' });
});

test('CARD-3: while the authenticator is asked, a question that comes instead ends it', async ({ page }) => {
  const module = await openHost(page, served.url);
  const session = await addAuthenticator(page, { prf: true });
  await session.send('WebAuthn.disable');
  await session.send('WebAuthn.enable', { enableUI: false });
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'usb',
      hasUserVerification: true,
      hasPrf: true,
      isUserVerified: true,
      automaticPresenceSimulation: false,
    },
  });
  const number = await ask(page, QUESTIONS['new-passkey']);
  await press(module, 'Make passkey');
  await expect(module.locator('.hint')).toHaveText('Answer your device’s own window');
  const second = await ask(page, QUESTIONS.approve);
  await press(module, 'Approve');
  expect(await answered(page, second)).toEqual({ kind: 'approved' });
  expect(await answerTo(page, number)).toBeNull();
  const third = await ask(page, QUESTIONS['new-passkey']);
  await press(module, 'Make passkey');
  await expect(module.locator('.hint')).toHaveText('Answer your device’s own window');
  await module.getByRole('button', { name: 'Not now' }).click();
  expect(await answered(page, third)).toEqual({ kind: 'refused' });
});

test('BT-7: a passkey made for a backup is found without its id, and gives the same bytes by its id', async ({
  page,
}) => {
  await addAuthenticator(page, { prf: true });
  const module = await openHost(page, served.url);
  const prfSalt = freshSalt();
  const number = await ask(page, { ...QUESTIONS['backup-passkey'], known: [], prfSalt });
  await press(module, 'Make passkey');
  const made = passkeyOf(await answered(page, number));
  for (const credentialIds of [[], [made.credentialId]]) {
    const asked = await ask(page, { kind: 'ask-words', wrong: null, passkeys: { prfSalt, credentialIds } });
    await press(module, 'Use my passkey');
    expect(passkeyOf(await answered(page, asked))).toEqual(made);
  }
});

test('BT-7: a passkey that is not this module’s is not taken for a backup, and another can be made', async ({
  page,
}) => {
  await addAuthenticator(page, { prf: true });
  const module = await openHost(page, served.url);
  const stranger = await makePasskey(page, module, freshSalt());
  const number = await ask(page, QUESTIONS['backup-passkey']);
  await press(module, 'Use my passkey');
  await expect(module.getByRole('alert')).toContainText('belongs to something else');
  expect(await answerTo(page, number)).toBeNull();
  await press(module, 'Make another');
  expect(passkeyOf(await answered(page, number)).credentialId).not.toEqual(stranger.credentialId);
});

test('BT-7: without PRF the recovery words are what is left, and the surface says so', async ({ page }) => {
  await addAuthenticator(page, { prf: false });
  const module = await openHost(page, served.url);
  const number = await ask(page, { ...QUESTIONS['ask-words'], wrong: null });
  await press(module, 'Use my passkey');
  await expect(module.getByRole('alert')).toContainText('type your words');
  expect(await answerTo(page, number)).toBeNull();
  await module.getByRole('button', { name: 'Not now' }).click();
  expect(await answered(page, number)).toEqual({ kind: 'refused' });
});
