// Keeping a module: a backup that brings it back after the browser has lost everything, a copy that is told that it is one and may go on, a lock that
// holds over a reload, and a module that opens without a line. In real profiles on disk; what the module asks is pressed on its own surface.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { chromiumFlags, requireChromium } from '../scripts/chromium.mjs';
import { hearModule, waitForEvent } from './rig/module-events.ts';
import { LONG } from './rig/programmes.ts';
import { startTestProvider } from './rig/provider.ts';
import { answer, giveWords, moduleFrame, question, writeDownWords } from './rig/surface.ts';
import { openCatalogue, stopAndSettle, watch } from './rig/terminal.ts';
import { copyOfPublished, expect, test } from './rig/test.ts';

const PASSPHRASE = 'correct horse battery staple of the ferry';

/** Another browser with a profile of its own. */
async function anotherBrowser(): Promise<{ readonly context: BrowserContext; close(): Promise<void> }> {
  const profile = await mkdtemp(join(tmpdir(), 'farebox-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: requireChromium(),
    args: chromiumFlags(),
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Watches a little, and has the receipt accepted. */
async function watchAndSettle(page: Page, origin: string): Promise<void> {
  await watch(page, origin, LONG.title);
  await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'decrypted');
  await stopAndSettle(page);
}

/** Makes a backup on the Module page, leaves it with the provider, and shows that its words open it. */
async function makeBackup(page: Page, origin: string): Promise<readonly string[]> {
  await page.goto(`${origin}/module`);
  await page.getByRole('button', { name: 'Make a backup' }).click();
  const words = await writeDownWords(page);
  await expect(page.getByText('left there')).toBeVisible();
  await page.getByRole('button', { name: 'Check it now' }).click();
  await giveWords(page, words);
  await expect(
    page.getByRole('region', { name: 'Backup', exact: true }).getByText('checked', { exact: true }).first(),
  ).toBeVisible();
  return words;
}

/** Brings the module back from the copy that the provider keeps; the report is on the page when it resolves. */
async function restoreByWords(page: Page, origin: string, words: readonly string[]): Promise<void> {
  await page.goto(`${origin}/module`);
  await page.getByRole('button', { name: 'With my words or passkey' }).click();
  await giveWords(page, words);
  await question(page, 'Go on here with this backup?');
  await answer(page, 'Restore');
  await expect(page.getByRole('region', { name: 'What came back' })).toBeVisible();
}

test('BT-8: a module whose browser lost everything comes back by words, from the copy that the provider cannot read', async ({
  person,
  provider,
}) => {
  const origin = provider.terminalOrigin;
  const page = await person.newTab();
  await watchAndSettle(page, origin);
  const words = await makeBackup(page, origin);
  expect(words).toHaveLength(12);
  const number = await page.getByRole('region', { name: 'Identity of the module' }).textContent();

  await page.goto('about:blank');
  const session = await person.context().newCDPSession(page);
  for (const lost of [origin, provider.moduleOrigin])
    await session.send('Storage.clearDataForOrigin', { origin: lost, storageTypes: 'all' });

  await restoreByWords(page, origin, words);
  const report = page.getByRole('region', { name: 'What came back' });
  await expect(report.getByText('provider asked')).toBeVisible();
  await expect(report.getByText('nothing is missing')).toBeVisible();
  await expect(page.getByText('epoch 2')).toBeVisible();
  expect(number).toContain('Secure module');
  await page.goto(`${origin}/receipts`);
  await expect(page.getByRole('link', { name: LONG.title }).getByText('accepted')).toBeVisible();
  await watchAndSettle(page, origin);
});

test('BT-2: a copy that was restored elsewhere is told so, and goes on where the person says so', async ({
  person,
  provider,
}) => {
  const origin = provider.terminalOrigin;
  const original = await person.newTab();
  await watchAndSettle(original, origin);
  const words = await makeBackup(original, origin);

  const elsewhere = await anotherBrowser();
  const restored = await elsewhere.context.newPage();
  await hearModule(restored);
  await restoreByWords(restored, origin, words);
  await watchAndSettle(restored, origin);

  await (await openCatalogue(original, origin, LONG.title)).click();
  await original.getByRole('link', { name: 'See what happened' }).first().click();
  await expect(original.getByText('This module was brought back somewhere else')).toBeVisible();
  await original.getByRole('button', { name: 'Go on with this copy' }).click();
  await question(original, 'Go on with this copy?');
  await answer(original, 'Go on with this one');
  await expect(original.getByText('epoch 3')).toBeVisible();
  await expect(original.getByText('agreed')).toBeVisible();
  // What the other copy has watched is brought home.
  await original.goto(`${origin}/receipts`);
  await expect(original.getByRole('link', { name: LONG.title }).getByText('accepted')).toHaveCount(2);
  await watchAndSettle(original, origin);

  await (await openCatalogue(restored, origin, LONG.title)).click();
  await expect(restored.getByRole('link', { name: 'See what happened' }).first()).toBeVisible();
  await elsewhere.close();
});

test('BT-7: a locked module stays locked over a reload, says so on every screen, and plays once it is unlocked', async ({
  person,
  provider,
}) => {
  const origin = provider.terminalOrigin;
  const page = await person.newTab();
  await watchAndSettle(page, origin);
  await page.goto(`${origin}/module`);
  await page.getByRole('button', { name: 'Lock with a passphrase' }).click();
  await question(page, 'Lock this module with a passphrase?');
  await answer(page, 'Set the lock');
  const choose = await question(page, 'Choose a passphrase');
  await choose.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await choose.getByLabel('The same again', { exact: true }).fill(PASSPHRASE);
  await answer(page, 'Set passphrase');
  await expect(page.getByRole('region', { name: 'Lock' }).getByText('set', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Lock now' }).click();
  await expect(page.getByRole('heading', { name: 'What is in the module' })).toBeVisible();

  await page.goto(`${origin}/receipts`);
  await expect(page.getByRole('heading', { name: 'Your receipts' })).toBeVisible();
  await (await openCatalogue(page, origin, LONG.title)).click();
  await page
    .getByRole('main')
    .getByRole('button', { name: 'Unlock' })
    .or(page.getByRole('region', { name: 'Picture' }).getByRole('button', { name: 'Unlock' }))
    .first()
    .click();
  const unlock = await question(page, 'Unlock your module');
  await unlock.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await answer(page, 'Unlock');
  const play = page.getByRole('button', { name: `Play ${LONG.title}` });
  await expect(async () => {
    if (await play.isVisible()) await play.click({ timeout: 1000 });
    await waitForEvent(page, 'picture', () => true, { timeoutMs: 2_000 });
  }).toPass({ timeout: 30_000 });
  await stopAndSettle(page);
});

test('CARD-1: Receipts and Module open at once where there is no line at all', async ({ person }) => {
  const provider = await startTestProvider(await copyOfPublished());
  const origin = provider.terminalOrigin;
  const page = await person.newTab();
  await watchAndSettle(page, origin);
  // Both origins have their own service worker; each is there for the load after the one that brought it.
  await expect(async () => {
    const active = (): Promise<boolean> =>
      navigator.serviceWorker.getRegistration().then((registration) => registration?.active?.state === 'activated');
    expect(await page.evaluate(active)).toBe(true);
    expect(await moduleFrame(page).locator('body').evaluate(active)).toBe(true);
  }).toPass({ timeout: 30_000 });
  await page.reload();
  await provider.stop();

  await page.goto(`${origin}/module`);
  await expect(
    page.getByRole('region', { name: 'Identity of the module' }).getByText('Entries in the record'),
  ).toBeVisible({
    timeout: 5_000,
  });
  await page.goto(`${origin}/receipts`);
  await expect(page.getByRole('link', { name: LONG.title }).getByText('accepted')).toBeVisible({ timeout: 5_000 });
  await rm(provider.dataDir, { recursive: true, force: true });
});
