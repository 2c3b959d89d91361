// Whether the module's heap grows while it plays: a long programme, pictures and record and keys, under a clock that runs faster; the least that the
// heap of its worker comes down to in the second half, beside the first. What leaks raises it; what comes and goes does not. `--runs` is the programme's length in
// minutes: two hours by `npm run torture -- memory`.
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import { atMost, type Bench, figureOf } from './figure.ts';
import type { FastPlay } from './page/fast-play.ts';
import { PAGE_FOLDER } from './rig/bench-page.ts';
import { withBrowser } from './rig/browser.ts';
import { withServedPage } from './rig/page-server.ts';
import { boxOf } from './rig/peers/boxes.ts';
import type { ClearProgramme } from './rig/peers/clear-rungs.ts';
import { clearSample } from './rig/sample.ts';
import { attachToWorker, type WorkerHeap } from './rig/worker-heap.ts';

const MINUTES = 12;
/** Decoding keeps up with this on two cores; where it does not, pictures are dropped as on any slow machine. */
const TIMES_FASTER = 16;
const FRAMES_A_MINUTE = 30;
const FRAME_MS = 2_000;
/** Segments that are played again and again. */
const SEGMENTS = 12;
const MARKS = 8;
/** At each mark the least of so many looks: between them frames come and go. */
const LOOKS = 5;
const LOOK_PAUSE_MS = 100;
/** Stops that are not play: nothing of the programme comes for this long. */
const PATIENCE_MS = 60_000;
/** A look's own scatter: the frames that are on their way, and what the engine has compiled since. */
const MOST_GROWTH_KB = 256;

export const memoryBench: Bench = {
  about: 'growth of the module’s heap over a long programme, played fast',
  run: async ({ runs, say }) => {
    const frames = (runs ?? MINUTES) * FRAMES_A_MINUTE;
    const order = orderOf(await clearSample(), frames);
    return withServedPage(PAGE_FOLDER, (origin) =>
      withBrowser(async (context) => {
        const page = await context.newPage();
        await page.goto(`${origin}/`);
        await page.waitForFunction(() => 'fastPlay' in window);
        const attaching = attachToWorker(context, page);
        await page.evaluate((asked) => window.fastPlay(asked), order);
        const heap = await attaching;
        const readings: number[] = [];
        for (let mark = 1; mark <= MARKS; mark += 1) {
          // The last a little before the end, where everything is still held that play holds.
          await untilFrame(page, Math.min((frames * mark) / MARKS, frames - 3));
          readings.push((await leastOf(heap)) / 1024);
          say(`${Math.round((frames * mark) / MARKS / FRAMES_A_MINUTE)} min: ${Math.round(readings.at(-1) ?? 0)} kB`);
        }
        const growth = Math.min(...readings.slice(MARKS / 2)) - Math.min(...readings.slice(0, MARKS / 2));
        return [figureOf({ name: 'memory', unit: 'kB', rounds: [growth], goal: atMost(MOST_GROWTH_KB) })];
      }),
    );
  },
};

async function leastOf(heap: WorkerHeap): Promise<number> {
  const looks: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    looks.push(await heap.usedBytes());
    await pause(LOOK_PAUSE_MS);
  }
  return Math.min(...looks);
}

async function untilFrame(page: Page, frame: number): Promise<void> {
  let reachedMs = -1;
  let sinceMs = Date.now();
  for (;;) {
    const [nowMs, trouble] = await page.evaluate(
      () => [window.fastPlaying?.positionMs() ?? 0, window.fastPlaying?.trouble() ?? null] as const,
    );
    if (trouble !== null) throw new Error(`the module could not play on: ${trouble}`);
    if (nowMs >= frame * FRAME_MS) return;
    if (nowMs > reachedMs) [reachedMs, sinceMs] = [nowMs, Date.now()];
    if (Date.now() - sinceMs > PATIENCE_MS) throw new Error(`play stands still at ${reachedMs} ms`);
    await pause(LOOK_PAUSE_MS);
  }
}

function orderOf({ rungs }: ClearProgramme, frames: number): FastPlay {
  const [lowest] = rungs;
  if (lowest === undefined) throw new Error('the sample has no rung');
  const { codec, width, height, init } = lowest;
  const segments = lowest.segments.slice(0, SEGMENTS).map((segment) => {
    if (segment === null) throw new Error('the sample has a gap');
    return { bytes: Buffer.from(segment).toString('base64'), timeAt: timeAtOf(segment) };
  });
  const timescale = timescaleOf(init);
  return {
    codec,
    width,
    height,
    init: Buffer.from(init).toString('base64'),
    segments,
    timescale,
    frames,
    timesFaster: TIMES_FASTER,
  };
}

/** Where in a segment its decode time stands, ISO/IEC 14496-12 §8.8.12. */
function timeAtOf(segment: Uint8Array): number {
  const moof = boxOf(segment, 'moof');
  const traf = boxOf(moof.body, 'traf');
  const tfdt = boxOf(traf.body, 'tfdt');
  if (tfdt.body[0] !== 1) throw new Error('a segment tells its time in 32 bits');
  const headers = 8 * 3;
  return moof.start + traf.start + tfdt.start + headers + 4;
}

function timescaleOf(init: Uint8Array): number {
  const media = boxOf(boxOf(boxOf(init, 'moov').body, 'trak').body, 'mdia').body;
  const head = boxOf(media, 'mdhd').body;
  return new DataView(head.buffer, head.byteOffset).getUint32(head[0] === 1 ? 20 : 12);
}
