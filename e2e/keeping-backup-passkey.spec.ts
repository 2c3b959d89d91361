// A backup that a passkey opens beside its words, through the whole product, with Chromium's virtual authenticator: the browser loses everything and the
// module comes back with the passkey alone, from the file and from the provider's copy; the lock's own passkey serves; one without PRF is refused in words.
import { readFile } from 'node:fs/promises';
import type { CDPSession, Page } from '@playwright/test';
import { addAuthenticator } from './rig/authenticator.ts';
import { waitForEvent } from './rig/module-events.ts';
import { LONG } from './rig/programmes.ts';
import { answer, copyShownWords, question } from './rig/surface.ts';
import { stopAndSettle, watch } from './rig/terminal.ts';
import { expect, type Person, test } from './rig/test.ts';

type Origins = { readonly terminalOrigin: string; readonly moduleOrigin: string };

const backupOf = (page: Page) => page.getByRole('region', { name: 'Backup', exact: true });

/** A tab with an authenticator, which lives as long as its session, and in which a receipt was accepted. */
async function watched(person: Person, { terminalOrigin }: Origins, prf: boolean): Promise<[Page, CDPSession]> {
  const page = await person.newTab();
  const session = await addAuthenticator(page, { prf });
  await watch(page, terminalOrigin, LONG.title);
  await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'decrypted');
  await stopAndSettle(page);
  await page.goto(`${terminalOrigin}/module`);
  return [page, session];
}

/** Makes a backup with a passkey, by the button `press` of the question about it. */
async function makeBackup(page: Page, press: 'Make passkey' | 'Use my passkey'): Promise<void> {
  await page.getByRole('button', { name: 'With a passkey too' }).click();
  await question(page, 'Make a backup?');
  await answer(page, 'Go on');
  await question(page, 'A passkey for this backup');
  await answer(page, press);
  await copyShownWords(page);
  await expect(page.getByText('left there')).toBeVisible();
}

/** The browser throws away what both origins have written. The authenticator belongs to the person, and stays. */
async function loseEverything(
  page: Page,
  session: CDPSession,
  { terminalOrigin, moduleOrigin }: Origins,
): Promise<void> {
  await page.goto('about:blank');
  for (const origin of [terminalOrigin, moduleOrigin])
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
  await page.goto(`${terminalOrigin}/module`);
}

async function comeBackByPasskey(page: Page): Promise<void> {
  await question(page, 'Your recovery words or your passkey');
  await answer(page, 'Use my passkey');
  await question(page, 'Go on here with this backup?');
  await answer(page, 'Restore');
  const report = page.getByRole('region', { name: 'What came back' });
  await expect(report.getByText('provider asked')).toBeVisible();
  await expect(report.getByText('nothing is missing')).toBeVisible();
}

test('BT-7: a module whose browser lost everything comes back with the passkey alone, from the copy that the provider keeps for it', async ({
  person,
  provider,
}) => {
  const [page, session] = await watched(person, provider, true);
  await makeBackup(page, 'Make passkey');
  await page.getByRole('button', { name: 'Check it now' }).click();
  await question(page, 'Your recovery words or your passkey');
  await answer(page, 'Use my passkey');
  await expect(backupOf(page).getByText('Your passkey opens it.')).toBeVisible();

  await loseEverything(page, session, provider);
  await page.getByRole('button', { name: 'With my words or passkey' }).click();
  await comeBackByPasskey(page);
  await page.goto(`${provider.terminalOrigin}/receipts`);
  await expect(page.getByRole('link', { name: LONG.title }).getByText('accepted')).toBeVisible();
});

test('BT-7: the lock’s own passkey opens the backup file where that is all that is left', async ({
  person,
  provider,
}) => {
  const [page, session] = await watched(person, provider, true);
  await page.getByRole('button', { name: 'Lock with a passkey' }).click();
  await question(page, 'Lock this module with a passkey?');
  await answer(page, 'Set the lock');
  await answer(page, 'Make passkey');
  await expect(page.getByRole('region', { name: 'Lock' }).getByText('set', { exact: true })).toBeVisible();
  await makeBackup(page, 'Use my passkey');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the file' }).click();
  const file = await readFile(await (await download).path());

  await loseEverything(page, session, provider);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'From a file' }).click();
  await (await chooser).setFiles({ name: 'mine.farebox-backup', mimeType: 'application/octet-stream', buffer: file });
  await comeBackByPasskey(page);
});

test('BT-7: an authenticator without PRF makes no backup with a passkey, says why, and words alone still do', async ({
  person,
  provider,
}) => {
  const [page] = await watched(person, provider, false);
  await page.getByRole('button', { name: 'With a passkey too' }).click();
  await question(page, 'Make a backup?');
  await answer(page, 'Go on');
  await question(page, 'A passkey for this backup');
  await answer(page, 'Make passkey');
  await expect(backupOf(page).getByText('Make one with twelve words alone.')).toBeVisible();
  await expect(backupOf(page).getByText('none', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Make a backup' }).click();
  await question(page, 'Make a backup?');
  await answer(page, 'Show the words');
  await copyShownWords(page);
  await expect(page.getByText('left there')).toBeVisible();
  await page.getByRole('button', { name: 'Check it now' }).click();
  const asked = await question(page, 'Your recovery words');
  await expect(asked.getByRole('button', { name: 'Use my passkey' })).toHaveCount(0);
});
