// The main job from the catalogue to a verified receipt, and what must not disturb it: seeking, pausing, reloading in the middle, a second
// tab, the death of the worker, a closed browser. In each the receipt's frames are exactly the frames that the module has shown.
import type { Page } from '@playwright/test';
import { heard, waitForEvent } from './rig/module-events.ts';
import { LONG } from './rig/programmes.ts';
import { checkFile, countedFrames } from './rig/receipts.ts';
import { downloadOpenReceipt, downloadReceipt, framesIn, press, seekTo, stopAndSettle, watch } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

// Each has a profile of its own, and this is the last file: shared out, neither worker waits for the other at the end.
test.describe.configure({ mode: 'parallel' });

/** Frames and count of the receipt of the session that was just stopped, after all its checks have held. */
async function verifiedReceipt(page: Page, origin: string) {
  const report = await checkFile(await downloadReceipt(page), origin);
  expect(report.checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  expect(report.valid).toBe(true);
  if (report.receipt === null) throw new Error('a valid file has a receipt');
  return { frames: framesIn(report.receipt.frames), count: report.receipt.count, withheld: report.receipt.withheld };
}

/** Waits until `more` frames have been counted in this document beyond those it has told of by now. */
async function waitForCounted(page: Page, more: number): Promise<void> {
  const before = await countedFrames(page);
  for (let left = more; left > 0; left -= 1) {
    const { frame } = await waitForEvent(
      page,
      'frame',
      (event) => event.outcome === 'decrypted' && !before.includes(event.frame),
    );
    before.push(frame);
  }
}

test('CARD-3, BT-8: from the catalogue over play, seek, pause and stop to a receipt whose frames are the frames shown', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForCounted(page, 1);
  await seekTo(page, 24_000);
  await waitForEvent(page, 'frame', ({ frame, outcome }) => outcome === 'decrypted' && frame >= 12);
  await press(page, 'Pause');
  await waitForEvent(page, 'display', ({ state, positionMs }) => state === 'paused' && positionMs >= 24_000);
  await press(page, 'Play');
  await waitForEvent(page, 'frame', ({ frame, outcome }) => outcome === 'decrypted' && frame >= 13);
  await seekTo(page, 2_000);
  await waitForEvent(page, 'frame', ({ frame, outcome }) => outcome === 'decrypted' && frame <= 2 && frame > 0);
  await stopAndSettle(page);

  const shown = await countedFrames(page);
  const receipt = await verifiedReceipt(page, provider.terminalOrigin);
  expect(receipt.frames).toEqual(shown);
  expect(receipt.count).toBe(shown.length);
  for (const check of await page.locator('section[aria-labelledby=checks] li').all())
    await expect(check).toContainText('holds');
});

test('BT-7: a frame shown again after a seek back is not counted again', async ({ person, provider }) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForCounted(page, 2);
  await seekTo(page, 0);
  await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'replayed');
  await stopAndSettle(page);
  const shown = await countedFrames(page);
  expect(new Set(shown).size).toBe(shown.length);
  expect((await verifiedReceipt(page, provider.terminalOrigin)).frames).toEqual(shown);
});

test('BT-7: a reload in the middle loses no frame and counts none twice', async ({ person, provider }) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForCounted(page, 2);
  const before = await countedFrames(page);
  await page.reload();
  // Where the browser still grants it sound, the page goes on by itself; else a person has to press play.
  const play = page.getByRole('button', { name: `Play ${LONG.title}` });
  await expect(async () => {
    if (await play.isVisible()) await play.click({ timeout: 1000 });
    expect(await heard(page, 'picture')).not.toEqual([]);
  }).toPass({ timeout: 30_000 });
  await waitForCounted(page, 1);
  await stopAndSettle(page);
  const shown = [...before, ...(await countedFrames(page))];
  const receipt = await verifiedReceipt(page, provider.terminalOrigin);
  expect(new Set(shown).size).toBe(shown.length);
  // The document may have gone after a frame was counted and before it could be told.
  const untold = receipt.frames.filter((frame) => !shown.includes(frame));
  expect(receipt.frames).toEqual(expect.arrayContaining(shown));
  expect(untold.length).toBeLessThanOrEqual(1);
});

test('BT-7: two tabs at once count each frame once between them', async ({ person, provider }) => {
  const first = await person.newTab();
  await watch(first, provider.terminalOrigin, LONG.title);
  await waitForCounted(first, 1);
  const second = await person.newTab();
  await watch(second, provider.terminalOrigin, LONG.title);
  await Promise.all([waitForCounted(first, 1), seekTo(second, 20_000)]);
  await waitForEvent(second, 'frame', ({ frame }) => frame >= 10);
  await stopAndSettle(second);
  await waitForEvent(first, 'closed');
  const shown = [...(await countedFrames(first)), ...(await countedFrames(second))].sort((a, b) => a - b);
  expect((await verifiedReceipt(second, provider.terminalOrigin)).frames).toEqual(shown);
});

test('BT-7: the death of the worker at a frame leaves a record that is right, and play goes on', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForCounted(page, 1);
  const pictures = (await heard(page, 'picture')).length;
  for (const worker of page.workers()) await worker.evaluate(() => self.close()).catch(() => undefined);
  await waitForEvent(page, 'picture', () => true, { skip: pictures });
  await waitForCounted(page, 1);
  await stopAndSettle(page);
  const shown = await countedFrames(page);
  const receipt = await verifiedReceipt(page, provider.terminalOrigin);
  expect(new Set(shown).size).toBe(shown.length);
  expect(receipt.frames).toEqual(expect.arrayContaining(shown));
  // The worker may have died between a durable count and the word of it.
  expect(receipt.frames.length - shown.length).toBeLessThanOrEqual(1);
});

test('BT-7, BT-8: record and receipts are there after the browser was closed and opened again', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForCounted(page, 1);
  await stopAndSettle(page);
  const file = await downloadReceipt(page);
  const address = page.url();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForCounted(page, 2);
  const unfinished = await countedFrames(page);

  await person.reopen();
  const again = await person.newTab();
  await again.goto(address);
  expect(Buffer.from(await downloadOpenReceipt(again)).equals(file)).toBe(true);

  await again.goto(`${provider.terminalOrigin}/receipts`);
  await again.getByRole('button', { name: 'Stop and settle' }).click();
  await expect(again.getByRole('region', { name: 'Still open' })).toHaveCount(0);
  const tickets = again.getByRole('link', { name: LONG.title });
  await expect(tickets).toHaveCount(2);
  await tickets.first().click();
  const { receipt, valid } = await checkFile(await downloadOpenReceipt(again), provider.terminalOrigin);
  expect(valid).toBe(true);
  const counted = framesIn(receipt?.frames ?? []);
  expect(counted).toEqual(expect.arrayContaining(unfinished));
  // The browser may have gone after a frame was counted and before it could be told.
  expect(counted.length - unfinished.length).toBeLessThanOrEqual(1);
});
