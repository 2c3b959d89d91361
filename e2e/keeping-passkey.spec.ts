// A lock with a passkey, through the whole product: made on the module's surface with Chromium's virtual authenticator, used after a reload; and an
// authenticator that has no PRF, with which no lock comes of it.
import type { Page } from '@playwright/test';
import { addAuthenticator } from './rig/authenticator.ts';
import { answer, question } from './rig/surface.ts';
import { expect, test } from './rig/test.ts';

async function askForLock(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/module`);
  await page.getByRole('button', { name: 'Lock with a passkey' }).click();
  await question(page, 'Lock this module with a passkey?');
  await answer(page, 'Set the lock');
  await answer(page, 'Make passkey');
}

test('CARD-3: a passkey locks the module, and opens it again after a reload', async ({ person, provider }) => {
  const page = await person.newTab();
  await addAuthenticator(page, { prf: true });
  await askForLock(page, provider.terminalOrigin);
  const lock = page.getByRole('region', { name: 'Lock' });
  await expect(lock.getByText('set', { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'What is in the module' })).toBeVisible();
  await page.getByRole('button', { name: 'Unlock' }).first().click();
  await question(page, 'Unlock your module');
  await answer(page, 'Use your passkey');
  await expect(lock.getByText('set', { exact: true })).toBeVisible();
});

test('CARD-3: an authenticator without PRF sets no lock, and the module says why and stays open', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await addAuthenticator(page, { prf: false });
  await askForLock(page, provider.terminalOrigin);
  const lock = page.getByRole('region', { name: 'Lock' });
  await expect(lock.getByText('Use a passphrase instead.')).toBeVisible();
  await page.reload();
  await expect(lock.getByText('no lock', { exact: true })).toBeVisible();
});
