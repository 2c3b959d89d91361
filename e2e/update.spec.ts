// A new version of both origins is deployed while somebody watches: it waits, takes over nothing that goes on, and comes when the person presses
// Reload, with everything that the module keeps. The new version is the build with one mark in each document, deployed as a provider deploys it.
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Page } from '@playwright/test';
import { root } from '../scripts/paths.mjs';
import { heard, waitForEvent } from './rig/module-events.ts';
import { LONG } from './rig/programmes.ts';
import { type RunningProvider, startTestProvider } from './rig/provider.ts';
import { moduleFrame } from './rig/surface.ts';
import { stopAndSettle, watch } from './rig/terminal.ts';
import { copyOfPublished, expect, test } from './rig/test.ts';

const MARK = '<meta name="farebox-build" content="next">';

/** The build again, as a version whose documents carry a mark; its service workers list those documents. Answers its folder. */
async function nextBuild(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'farebox-next-'));
  await cp(join(root, 'dist'), folder, { recursive: true });
  for (const origin of ['terminal', 'module']) {
    const document = join(folder, origin, 'index.html');
    const before = await readFile(document, 'utf8');
    const after = before.replace('<head>', `<head>${MARK}`);
    expect(after).not.toBe(before);
    await writeFile(document, after);
    const script = join(folder, origin, 'sw.js');
    const listed = await readFile(script, 'utf8');
    const renewed = listed.replaceAll(revisionOf(before), revisionOf(after));
    expect(renewed).not.toBe(listed);
    await writeFile(script, renewed);
  }
  return folder;
}

/** As the build names a document's content in its list. */
function revisionOf(document: string): string {
  return createHash('md5').update(document).digest('hex');
}

/** Stops the old version and starts the next one in its place. */
async function deployNext(old: RunningProvider, folder: string): Promise<RunningProvider> {
  await old.stop();
  return startTestProvider(old.dataDir, {
    FAREBOX_DIST: folder,
    PORT: new URL(old.terminalOrigin).port,
    MODULE_PORT: new URL(old.moduleOrigin).port,
  });
}

/** What a tab that is left open does by itself after an hour, and the module's document when it is loaded. */
async function lookForNewerVersion(document: Page | Frame): Promise<void> {
  await document.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
  });
}

/** The module's document; its service worker is installed. */
async function moduleDocument(page: Page, { moduleOrigin }: RunningProvider): Promise<Frame> {
  const found = page.frames().find((frame) => frame.url().startsWith(moduleOrigin));
  if (found === undefined) throw new Error('the page has no module');
  await found.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    Reflect.set(globalThis, 'firstServiceWorker', active);
  });
  return found;
}

/** Whether a newer version is here for a document that is loaded again: it waits, or has begun where this document was loaded before any had. */
function isNewerHere(document: Frame): Promise<boolean> {
  return document.evaluate(async () => {
    const { active, waiting } = await navigator.serviceWorker.ready;
    return waiting !== null || active !== Reflect.get(globalThis, 'firstServiceWorker');
  });
}

test('CARD-3: a new version waits while somebody watches, comes when the person presses Reload, and finds everything', async ({
  person,
}) => {
  test.setTimeout(120_000);
  const folder = await nextBuild();
  let provider = await startTestProvider(await copyOfPublished());
  const page = await person.newTab();
  try {
    // The first visit installs the service workers; from the second on they answer.
    await page.goto(`${provider.terminalOrigin}/`);
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.reload();
    await watch(page, provider.terminalOrigin, LONG.title);
    await page.evaluate(() => document.documentElement.setAttribute('data-visit', 'first'));

    const module = await moduleDocument(page, provider);
    provider = await deployNext(provider, folder);
    await lookForNewerVersion(page);
    await lookForNewerVersion(module);
    await expect.poll(() => isNewerHere(module)).toBe(true);
    await expect(page.getByText('A new version of Farebox is ready.')).toBeVisible();
    const before = (await heard(page, 'frame')).length;
    await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'decrypted', { skip: before });
    await expect(page.locator('html')).toHaveAttribute('data-visit', 'first');
    await expect(page.locator('meta[name="farebox-build"]')).toHaveCount(0);
    await stopAndSettle(page);
    await expect(page.locator('html')).toHaveAttribute('data-visit', 'first');

    await page.getByRole('button', { name: 'Reload', exact: true }).click();
    await expect(page.locator('html')).not.toHaveAttribute('data-visit', 'first');
    await expect(page.locator('meta[name="farebox-build"]')).toHaveCount(1);
    await expect(moduleFrame(page).locator('meta[name="farebox-build"]')).toHaveCount(1);
    await page.goto(`${provider.terminalOrigin}/receipts`);
    await expect(page.getByText(LONG.title)).toBeVisible();
  } finally {
    await provider.stop();
    await rm(provider.dataDir, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
});
