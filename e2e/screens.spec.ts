// What a person meets on the screens beyond the main job: sound after nothing but a click, one control for one thing, the way to Stop on
// a phone, a page that does not jump, and a line that goes and comes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { chromiumFlags, requireChromium } from '../scripts/chromium.mjs';
import type { DisplayStatistics } from '../src/worker-module/events.ts';
import { heard, hearModule, waitForEvent } from './rig/module-events.ts';
import { LONG } from './rig/programmes.ts';
import { openCatalogue, press, showControls, watch } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

declare global {
  interface Window {
    /** Sum of the layout shifts that no input of the person explains. */
    shiftSum?: number;
  }
}

/** Sound is heard, and picture and sound have found each other; how close they stay is measured in display.spec.ts. */
function hearsSoundWithThePicture({ statistics }: { readonly statistics: DisplayStatistics }): boolean {
  return statistics.soundOffsetMs !== null && Math.abs(statistics.soundOffsetMs) < 100;
}

/** Adds up layout shifts in every document that the page opens from now on. */
async function addUpShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.shiftSum = 0;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if ('value' in entry && typeof entry.value === 'number' && 'hadRecentInput' in entry && !entry.hadRecentInput)
          window.shiftSum = (window.shiftSum ?? 0) + entry.value;
      }
    });
    observer.observe({ type: 'layout-shift', buffered: true });
  });
}

test('CARD-3: a click on a poster brings picture and sound in a browser that lets nothing play by itself', async ({
  provider,
}) => {
  const profile = await mkdtemp(join(tmpdir(), 'farebox-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: requireChromium(),
    args: chromiumFlags().filter((flag) => !flag.startsWith('--autoplay-policy')),
  });
  const page = await context.newPage();
  await hearModule(page);
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForEvent(page, 'display', hearsSoundWithThePicture);

  // The address of a programme, opened without a touch on the page: nothing begins and nothing is counted before the button is pressed.
  const direct = await context.newPage();
  await hearModule(direct);
  await direct.goto(page.url());
  await expect(direct.getByRole('button', { name: `Play ${LONG.title}` })).toBeVisible();
  expect(await heard(direct, 'frame')).toEqual([]);
  await direct.getByRole('button', { name: `Play ${LONG.title}` }).click();
  await waitForEvent(direct, 'display', hearsSoundWithThePicture);

  await context.close();
  await rm(profile, { recursive: true, force: true });
});

test('CARD-3: there is one control of each name while it plays, and a click on the picture does what it says', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await showControls(page);
  await expect(page.getByRole('button', { name: 'Pause' })).toHaveCount(1);
  await page.getByRole('region', { name: 'Picture' }).click({ position: { x: 200, y: 120 } });
  await waitForEvent(page, 'display', ({ state }) => state === 'paused');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toHaveCount(1);
});

test('CARD-3: a press in the module’s own document takes the picture into a small window and back, and it plays on there', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForEvent(page, 'picture', () => true);
  const module = page.frameLocator('iframe');
  const smallWindow = module.locator('video.picture');
  const isOut = (): Promise<boolean> =>
    smallWindow.evaluate((video) => video.ownerDocument.pictureInPictureElement === video);
  await showControls(page);
  await module.getByRole('button', { name: 'Picture in picture' }).click();
  await expect.poll(isOut).toBe(true);
  const shown = (await heard(page, 'frame')).length;
  await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'decrypted', { skip: shown });
  await showControls(page);
  await module.getByRole('button', { name: 'Picture in picture' }).click();
  await expect.poll(isOut).toBe(false);
  // The page around can ask for neither: it has no way to the document of the module, and no picture of its own.
  expect(await page.evaluate(() => document.pictureInPictureElement)).toBeNull();
});

test('CARD-1: nothing jumps on the way from the catalogue into a programme', async ({ person, provider }) => {
  const page = await person.newTab();
  await addUpShifts(page);
  const card = await openCatalogue(page, provider.terminalOrigin, LONG.title);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  expect(await page.evaluate(() => window.shiftSum)).toBeLessThan(0.001);
  await card.click();
  await waitForEvent(page, 'frame', ({ frame }) => frame >= 1);
  expect(await page.evaluate(() => window.shiftSum)).toBeLessThan(0.001);
});

test('BT-10: the catalogue follows what is on sale while somebody looks at it', async ({ person, provider }) => {
  const page = await person.newTab();
  await page.clock.install();
  await openCatalogue(page, provider.terminalOrigin, LONG.title);
  await page.route('**/api/v1/catalogue', (route) => route.fulfill({ json: { programmes: [] } }));
  await page.clock.runFor(20_000);
  await expect(page.getByRole('heading', { name: LONG.title })).toBeVisible();
  await page.clock.runFor(20_000);
  await expect(page.getByRole('heading', { name: 'Nothing to watch yet' })).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 667 } });

  test('BT-8: price and Stop are in sight without scrolling while it plays', async ({ person, provider }) => {
    const page = await person.newTab();
    await watch(page, provider.terminalOrigin, LONG.title);
    const rooms = await page.getByRole('navigation', { name: 'Rooms' }).boundingBox();
    const stop = await page.getByRole('button', { name: 'Stop and print the receipt' }).boundingBox();
    const price = await page.getByText('Price so far').boundingBox();
    if (rooms === null || stop === null || price === null) throw new Error('the programme page lacks a part');
    expect(stop.height).toBeGreaterThanOrEqual(44);
    expect(stop.y + stop.height).toBeLessThanOrEqual(rooms.y);
    expect(price.y).toBeLessThan(stop.y);
  });
});

test('BT-4: play rides over a line that goes, says so, and goes on at a new place when it is back', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForEvent(page, 'frame', ({ frame }) => frame >= 1);
  const shown = (await heard(page, 'frame')).length;
  await person.context().setOffline(true);
  await expect(page.getByText('This device is offline.')).toBeVisible();
  await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'decrypted', { skip: shown });
  await page.keyboard.press('9');
  await waitForEvent(page, 'display', ({ state, positionMs }) => state === 'waiting' && positionMs >= 36_000);
  await person.context().setOffline(false);
  await expect(page.getByText('This device is offline.')).toHaveCount(0);
  await waitForEvent(page, 'frame', ({ frame, outcome }) => outcome === 'decrypted' && frame >= 18);
  await press(page, 'Pause');
});
