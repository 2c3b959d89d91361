// Two ways to open the module, and one of them taken away: the passkey that was lost goes by proving the passphrase, another tab follows, and the
// last one takes the lock with it. On the Module page, with Chromium's virtual authenticator.
import type { Page } from '@playwright/test';
import { addAuthenticator } from './rig/authenticator.ts';
import { answer, moduleFrame, question } from './rig/surface.ts';
import { expect, test } from './rig/test.ts';

const PASSPHRASE = 'correct horse battery staple of the ferry';

const lockOf = (page: Page) => page.getByRole('region', { name: 'Lock' });

async function press(page: Page, name: string): Promise<void> {
  await lockOf(page).getByRole('button', { name, exact: true }).click();
}

async function provePassphrase(page: Page): Promise<void> {
  const unlock = await question(page, 'Unlock your module');
  await unlock.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await answer(page, 'Unlock');
}

test('CARD-3: a lost passkey is removed by proving the passphrase, which goes on opening the module', async ({
  person,
  provider,
}) => {
  // The passphrase's function is slow on purpose, and is gone through five times.
  test.slow();
  const page = await person.newTab();
  const authenticator = await addAuthenticator(page, { prf: true });
  await page.goto(`${provider.terminalOrigin}/module`);
  await press(page, 'Lock with a passkey');
  await answer(page, 'Set the lock');
  await answer(page, 'Make passkey');
  await press(page, 'Add a passphrase');
  await question(page, 'Also open this module with a passphrase?');
  await answer(page, 'Add it');
  await answer(page, 'Use your passkey');
  const choose = await question(page, 'Choose a passphrase');
  await choose.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await choose.getByLabel('The same again', { exact: true }).fill(PASSPHRASE);
  await answer(page, 'Set passphrase');
  await expect(lockOf(page).getByText('Opens it', { exact: true })).toHaveCount(2);

  const other = await person.newTab();
  await other.goto(`${provider.terminalOrigin}/module`);
  await expect(lockOf(other).getByText('Opens it', { exact: true })).toHaveCount(2);
  await authenticator.send('WebAuthn.disable');
  await page.bringToFront();
  await press(page, 'Remove the passkey');
  const asked = await question(page, 'Remove the passkey?');
  await expect(asked).toContainText('Your passphrase goes on opening it.');
  await answer(page, 'Remove the passkey');
  await question(page, 'Unlock your module');
  await expect(moduleFrame(page).getByRole('button', { name: 'Use your passkey' })).toHaveCount(0);
  await provePassphrase(page);
  for (const tab of [page, other]) {
    await expect(lockOf(tab).getByText('The only way to open it')).toBeVisible();
    await expect(lockOf(tab).getByRole('button', { name: 'Add a passkey' })).toBeVisible();
  }

  await other.close();
  await press(page, 'Lock now');
  await page.getByRole('button', { name: 'Unlock' }).first().click();
  await provePassphrase(page);
  await press(page, 'Remove the passphrase');
  await question(page, 'Remove the lock?');
  await answer(page, 'Remove the lock');
  await provePassphrase(page);
  await expect(lockOf(page).getByText('no lock', { exact: true })).toBeVisible();
});
