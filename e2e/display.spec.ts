// The module's display on real media in real Chromium: what is drawn, when, and that it is what was counted. The record is
// left out; everything from the clear segment to the canvas and the sound device is the product's own.

import { expect, type Page, test } from '@playwright/test';
import { PICTURE_RATE, SLOT_MS } from '../src/worker-module/frame/testing/clip-shape.ts';
import type { DisplayUnderTest } from '../src/worker-module/frame/testing/display-page.ts';
import type { DisplayLog, SourceRules } from '../src/worker-module/frame/testing/display-protocol.ts';
import { type ServedDisplay, serveDisplay } from './display/serve-display.ts';

const SLOTS = 4;
const PICTURE_MS = 1000 / PICTURE_RATE;
const PLAIN: SourceRules = { rungs: [], withhold: [], spoilt: [], soundless: false };

declare global {
  interface Window {
    displayUnderTest: DisplayUnderTest;
  }
}

let served: ServedDisplay;

test.beforeAll(async () => {
  test.setTimeout(90_000);
  served = await serveDisplay(SLOTS);
});
test.afterAll(() => served.close());

async function open(page: Page, startMs: number, rules: SourceRules): Promise<void> {
  await page.goto(served.url);
  // A touch on the page is what lets sound begin.
  await page.click('body');
  await page.evaluate(([clip, at, how]) => window.displayUnderTest.open(clip, at, how), [
    served.clip,
    startMs,
    rules,
  ] as const);
}

const act = (page: Page, name: 'play' | 'pause' | 'stop' | 'log') =>
  page.evaluate((asked) => window.displayUnderTest.act(asked), name);
const seek = (page: Page, positionMs: number) =>
  page.evaluate((toMs) => window.displayUnderTest.seek(toMs), positionMs);
const readPicture = (page: Page) => page.evaluate(() => window.displayUnderTest.readPicture());

/** Lets the screen refresh so many times. */
const refreshes = (page: Page, count: number) =>
  page.evaluate(
    (left) =>
      new Promise<void>((resolve) => {
        const next = (rest: number) => (rest === 0 ? resolve() : requestAnimationFrame(() => next(rest - 1)));
        next(left);
      }),
    count,
  );

async function logWhen(page: Page, holds: (log: DisplayLog) => boolean): Promise<DisplayLog> {
  await expect.poll(async () => holds((await act(page, 'log')).log), { timeout: 20_000, intervals: [50] }).toBe(true);
  return (await act(page, 'log')).log;
}

const hasState = (state: string) => (log: DisplayLog) => {
  const last = log.events.filter((event) => event.type === 'display').at(-1);
  return last?.state === state;
};

const hasPlayed = (log: DisplayLog) =>
  log.events.some((event) => event.type === 'display' && event.state === 'playing');

const framesShown = (log: DisplayLog) =>
  [...new Set(log.drawn.map(({ pictureMs }) => Math.floor((pictureMs + 1) / SLOT_MS)))].sort((a, b) => a - b);
const framesCounted = (log: DisplayLog) => log.counted.map(({ frame }) => frame).sort((a, b) => a - b);

function percentile95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
}

test('BT-5: display draws a programme in order and in time, over a change of rung, each frame counted before it is seen', async ({
  page,
}) => {
  await open(page, 0, { ...PLAIN, rungs: ['video/360p', 'video/180p', 'video/360p', 'video/360p'] });
  await act(page, 'play');
  const log = await logWhen(page, hasState('ended'));

  const times = log.drawn.map(({ pictureMs }) => pictureMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(new Set(times).size).toBe(times.length);
  expect(log.drawn.every(({ counted }) => counted)).toBe(true);
  expect(framesCounted(log)).toEqual([0, 1, 2, 3]);
  expect(framesShown(log)).toEqual([0, 1, 2, 3]);
  expect(log.counted.some(({ late }) => late)).toBe(false);

  // Every picture is accounted for; how many a busy machine may drop is what the `smooth` bench measures.
  const told = log.events.filter((event) => event.type === 'display').at(-1);
  const total = (SLOTS * SLOT_MS * PICTURE_RATE) / 1000;
  expect(told?.statistics.picturesDrawn).toBe(log.drawn.length);
  expect(log.drawn.length + (told?.statistics.picturesDropped ?? 0)).toBe(total);
  expect(log.drawn.length).toBeGreaterThan(total / 2);
  const widths = new Set(log.drawn.map(({ width }) => width));
  expect([...widths].sort((a, b) => a - b)).toEqual([320, 640]);
});

test('CARD-3: sound leads, and pictures are within 45 ms of it', async ({ page }) => {
  await open(page, 0, PLAIN);
  await act(page, 'play');
  const log = await logWhen(page, hasState('ended'));
  const offsets = log.events.flatMap((event) =>
    event.type === 'display' && event.state === 'playing' && event.statistics.soundOffsetMs !== null
      ? [Math.abs(event.statistics.soundOffsetMs)]
      : [],
  );
  expect(offsets.length).toBeGreaterThan(20);
  expect(percentile95(offsets)).toBeLessThanOrEqual(45);
});

test('BT-4: a seek while paused draws exactly the picture of that place, and nothing after it', async ({ page }) => {
  await open(page, 0, PLAIN);
  await act(page, 'play');
  await logWhen(page, (log) => log.drawn.length > 10);
  await act(page, 'pause');
  for (const picture of [165, 31, 60]) {
    const before = (await act(page, 'log')).log.events.length;
    await seek(page, picture * PICTURE_MS + 5);
    await logWhen(page, (log) => log.events.slice(before).some(({ type }) => type === 'picture'));
    await expect.poll(() => readPicture(page)).toBe(picture);
    const drawnBefore = (await act(page, 'log')).log.drawn.length;
    await refreshes(page, 20);
    expect((await act(page, 'log')).log.drawn.length).toBe(drawnBefore);
  }
});

test('BT-4: a seek while playing goes on from that place, and what was seen is what was counted', async ({ page }) => {
  await open(page, 0, PLAIN);
  await act(page, 'play');
  await logWhen(page, (log) => log.drawn.length > 5);
  await seek(page, 6500);
  const log = await logWhen(page, hasState('ended'));
  const landed = log.drawn.findIndex(({ pictureMs }) => pictureMs > 6000);
  expect(log.drawn[landed]?.pictureMs).toBeCloseTo(6500, -1.5);
  expect(log.drawn.every(({ counted }) => counted)).toBe(true);
  expect(framesCounted(log)).toEqual([0, 3]);
  expect(framesShown(log)).toEqual([0, 3]);
});

test('BT-4: stopping at a boundary leaves counted exactly the frames that were shown, the rest withheld', async ({
  page,
}) => {
  await open(page, 1500, PLAIN);
  await act(page, 'play');
  // The second frame is counted a little before it is due: stop in that moment.
  await page.evaluate(async () => {
    for (;;) {
      const { log } = await window.displayUnderTest.act('log');
      if (log.counted.length > 1) return window.displayUnderTest.act('stop');
    }
  });
  const { log } = await act(page, 'log');
  expect(framesCounted(log)).toEqual([0, 1]);
  expect(framesShown(log)).toEqual([0, 1]);
  expect(log.withheld).toContain(2);
  const drawnBefore = log.drawn.length;
  await refreshes(page, 20);
  expect((await act(page, 'log')).log.drawn.length).toBe(drawnBefore);
});

test('a frame that comes late holds picture and sound, is counted late, and play goes on', async ({ page }) => {
  await open(page, 1200, { ...PLAIN, withhold: [1] });
  await act(page, 'play');
  // It waits before its first picture as well.
  const stalled = await logWhen(page, (seen) => hasPlayed(seen) && hasState('waiting')(seen));
  await refreshes(page, 30);
  expect((await act(page, 'log')).log.drawn.length).toBe(stalled.drawn.length);
  await page.evaluate(() => window.displayUnderTest.release());
  const log = await logWhen(page, (seen) => seen.counted.some(({ frame }) => frame === 2));
  expect(log.counted.map(({ frame, late }) => [frame, late])).toEqual([
    [0, false],
    [1, true],
    [2, false],
  ]);
});

test('BT-4: a frame that cannot be decoded is withheld with its code, and play goes on at the next', async ({
  page,
}) => {
  await open(page, 1500, { ...PLAIN, spoilt: [1] });
  await act(page, 'play');
  const log = await logWhen(page, (seen) => seen.drawn.some(({ pictureMs }) => pictureMs > 4500));
  expect(log.events).toContainEqual({ type: 'failed', session: 'test', code: 'frame/undecodable' });
  expect(log.withheld).toContain(1);
  expect(framesCounted(log)).toEqual([0, 2]);
  expect(framesShown(log)).toEqual([0, 2]);
});

test('without a sound device play goes on by the clock, and says so once', async ({ page }) => {
  await open(page, 0, { ...PLAIN, soundless: true });
  await act(page, 'play');
  await logWhen(page, (seen) => seen.drawn.length > 30);
  await act(page, 'pause');
  await act(page, 'play');
  const log = await logWhen(page, hasState('ended'));
  const told = log.events.filter((event) => event.type === 'failed');
  expect(told).toEqual([{ type: 'failed', session: 'test', code: 'media/no-sound' }]);
  expect(framesShown(log)).toEqual([0, 1, 2, 3]);
  // How late each was drawn, by its place in the programme: a busy machine draws late, and only a clock that ran on through the pause, or too
  // fast, draws earlier than the punctual ones before it.
  const lateness = log.drawn.map(({ atMs, pictureMs }) => atMs - pictureMs);
  expect(lateness.at(-1) ?? Number.NaN).toBeGreaterThan(Math.min(...lateness.slice(1, 30)) - 50);
});

test('BT-4: a seek to the very end shows the last picture, and playing again begins at the first', async ({ page }) => {
  await open(page, 0, PLAIN);
  await act(page, 'play');
  await logWhen(page, (log) => log.drawn.length > 5);
  await act(page, 'pause');
  await seek(page, SLOTS * SLOT_MS);
  const lastPicture = (SLOTS * SLOT_MS * PICTURE_RATE) / 1000 - 1;
  await expect.poll(() => readPicture(page)).toBe(lastPicture);
  await act(page, 'play');
  await logWhen(page, hasState('ended'));
  const before = (await act(page, 'log')).log.drawn.length;
  await act(page, 'play');
  const log = await logWhen(page, (seen) => seen.drawn.length > before);
  expect(log.drawn[before]?.pictureMs).toBe(0);
});
