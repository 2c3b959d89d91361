// What happens to people: requests that fail, a server that goes away, bodies that are not what was asked for, pieces that no decoder takes, a
// clock that jumps, a machine that sleeps, a hidden tab, a sound device that is gone. Each time play goes on, or says why it does not;
// and what is counted is what was shown, each frame once.
import { rm } from 'node:fs/promises';
import type { Browser, Page } from '@playwright/test';
import { hashObject } from '../src/protocol/ids.ts';
import { encodeManifest, type Manifest } from '../src/protocol/manifest.ts';
import { largestPicture, manifestOf, storedFile } from './rig/content.ts';
import { type FaultyLine, startFaultyLine } from './rig/faulty-line.ts';
import { heard, heardWithTimes, hearModule, waitForEvent } from './rig/module-events.ts';
import { LONG } from './rig/programmes.ts';
import { type RunningProvider, startTestProvider } from './rig/provider.ts';
import { checkFile, countedFrames } from './rig/receipts.ts';
import { downloadReceipt, framesIn, seekTo, stopAndSettle, watch } from './rig/terminal.ts';
import { copyOfPublished, expect, test } from './rig/test.ts';
import { type Forger, forgerOf } from './rig/undecodable.ts';

// Most of it is waiting for play: two at once fit beside each other.
test.describe.configure({ mode: 'parallel' });

const SLOT_MS = 2_000;
const ALWAYS = Number.POSITIVE_INFINITY;
const SLEEP_MS = 3_000;

let line: FaultyLine;
let provider: RunningProvider;
let manifest: Manifest;
let forger: Forger;

test.beforeAll(async () => {
  const dataDir = await copyOfPublished();
  forger = await forgerOf(dataDir, LONG.title);
  line = await startFaultyLine();
  provider = await startTestProvider(dataDir, { FAREBOX_TERMINAL_ORIGIN: line.origin });
  line.aimAt(portOf(provider.terminalOrigin));
  manifest = await manifestOf(provider, LONG.title);
});

test.afterEach(() => line.forget());

test.afterAll(async () => {
  await line.stop();
  await provider.stop();
  await rm(provider.dataDir, { recursive: true, force: true });
});

const portOf = (origin: string): number => Number(new URL(origin).port);

async function newPage(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext({ acceptDownloads: true })).newPage();
  await hearModule(page);
  return page;
}

/** Paths of a frame's files: pictures of every rung, or its sound. */
function pathsOf(kind: 'video' | 'audio', frame: number): readonly string[] {
  const hashes = manifest.parts.flatMap((part) => (part.kind === kind ? [part.segments[frame]?.hash] : []));
  return hashes.map((hash) => `/content/${hash}`);
}

const isOf =
  (kind: 'video' | 'audio', ...frames: readonly number[]) =>
  (path: string): boolean =>
    frames.some((frame) => pathsOf(kind, frame).includes(path));

/** Waits until `more` frames beyond those of now have been counted in this document. */
async function waitForCounted(page: Page, more: number): Promise<void> {
  const before = (await countedFrames(page)).length;
  await expect
    .poll(async () => (await countedFrames(page)).length, { timeout: 40_000 })
    .toBeGreaterThanOrEqual(before + more);
}

/** Ends the session: its receipt holds, and says exactly the frames that were shown, each once. */
async function expectTrueReceipt(page: Page): Promise<readonly number[]> {
  await stopAndSettle(page);
  const report = await checkFile(await downloadReceipt(page), line.origin);
  expect(report.checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  const shown = await countedFrames(page);
  expect(new Set(shown).size).toBe(shown.length);
  expect(framesIn(report.receipt?.frames ?? [])).toEqual(shown);
  expect(report.receipt?.count).toBe(shown.length);
  await page.context().close();
  return shown;
}

/**
 * A tab of a Chromium without a screen is never hidden, so what hiding does to one is done to it: no refreshes for its worker, and word of it in
 * every document.
 */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  for (const frame of page.frames()) {
    await frame.evaluate((isHidden) => {
      Object.defineProperty(document, 'visibilityState', {
        configurable: true,
        get: () => (isHidden ? 'hidden' : 'visible'),
      });
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  }
  for (const worker of page.workers()) {
    await worker.evaluate((isHidden) => {
      if (typeof requestAnimationFrame !== 'function') return;
      const kept: { own?: typeof requestAnimationFrame; waiting: FrameRequestCallback[] } = Reflect.get(
        self,
        'kept',
      ) ?? {
        waiting: [],
      };
      Reflect.set(self, 'kept', kept);
      kept.own ??= requestAnimationFrame.bind(self);
      const own = kept.own;
      self.requestAnimationFrame = isHidden ? (callback) => kept.waiting.push(callback) : own;
      if (!isHidden) for (const callback of kept.waiting.splice(0)) own(callback);
    }, hidden);
  }
}

/** Pictures drawn so far. */
async function picturesDrawn(page: Page): Promise<number> {
  return (await heard(page, 'display')).at(-1)?.statistics.picturesDrawn ?? 0;
}

test('BT-4, BT-8: each kind of request fails once, one is trickled, and nobody notices but the record of the line', async ({
  browser,
}) => {
  const manifestPath = `/content/${hashObject(encodeManifest(manifest))}`;
  const rules = [
    line.add((path) => path === '/api/v1/catalogue', { kind: 'status', status: 500 }),
    line.add((path) => path.startsWith('/api/v1/programmes/'), { kind: 'dropped' }),
    line.add((path) => path === manifestPath, { kind: 'truncated' }),
    line.add((path) => path === '/api/v1/enrolments', { kind: 'answer-lost' }),
    line.add((path) => path === '/api/v1/challenges', { kind: 'status', status: 502 }),
    line.add((path) => path === '/api/v1/sessions', { kind: 'answer-lost' }),
    line.add(isOf('video', 0), { kind: 'status', status: 500 }),
    line.add(isOf('audio', 0), { kind: 'dropped' }),
    line.add(isOf('video', 1), { kind: 'truncated' }),
    line.add(isOf('audio', 1), { kind: 'vast' }),
    line.add(isOf('video', 2), { kind: 'answer-lost' }),
    line.add(isOf('audio', 2), { kind: 'status', status: 503 }),
    line.add(isOf('video', 15), { kind: 'trickled' }),
    line.add((path) => path === '/api/v1/receipts', { kind: 'answer-lost' }),
  ];
  const page = await newPage(browser);
  await watch(page, line.origin, LONG.title);
  await waitForEvent(page, 'frame', ({ frame, outcome }) => frame === 3 && outcome === 'decrypted', {
    timeoutMs: 60_000,
  });
  expect(await countedFrames(page)).toEqual([0, 1, 2, 3]);

  const said = line.seen.filter(({ path }) => path.startsWith('/content/') && isOf('video', 0, 1, 2, 3)(path));
  for (const { query } of said) {
    const [[name, cmcd = ''] = [], ...more] = query;
    expect([name, more]).toEqual(['CMCD', []]);
    expect(cmcd).toMatch(
      /^(bl=\d+00|bl=0),br=\d+,(bs,)?cid="[0-9a-f]{32}",d=2000,(mtp=\d+00,|mtp=0,)?nor="[0-9a-f]{64}",ot=v,(rtp=\d+00,|rtp=0,)?sf=o,sid="[0-9a-f]{32}",st=v,(su,)?tb=\d+$/,
    );
  }
  expect(new Set(said.map(({ query }) => /sid="(\w+)"/.exec(query[0]?.[1] ?? '')?.[1])).size).toBe(1);

  // The one that is trickled is given up and asked for again long before play comes to it.
  const asked = () => line.seen.filter(({ path }) => isOf('video', 15)(path)).length;
  await expect.poll(asked, { timeout: 30_000 }).toBe(2);
  await seekTo(page, 15 * SLOT_MS);
  await waitForEvent(page, 'frame', ({ frame, outcome }) => frame === 15 && outcome === 'decrypted');
  expect((await heard(page, 'frame')).filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  await expectTrueReceipt(page);
  expect(rules.filter(({ times }) => times > 0)).toEqual([]);
});

test('BT-4, BT-7: a body that is half there, of another file, not there, no picture, or of another time: shown where it can be, passed over and not charged where not', async ({
  browser,
}) => {
  const [HALF, STALE, NOISE, DISPLACED, GONE] = [1, 2, 3, 4, 7];
  const other = await storedFile(provider, largestPicture(manifest, STALE));
  line.add(isOf('video', HALF), { kind: 'half' });
  line.add(isOf('video', STALE), { kind: 'other-body', body: other });
  for (const part of manifest.parts.filter(({ kind }) => kind === 'video')) {
    const noise = await forger.noise(manifest, part.label, NOISE);
    line.add((path) => path === `/content/${part.segments[NOISE]?.hash}`, { kind: 'other-body', body: noise }, ALWAYS);
    const body = await forger.displaced(manifest, part.label, DISPLACED);
    line.add((path) => path === `/content/${part.segments[DISPLACED]?.hash}`, { kind: 'other-body', body }, ALWAYS);
  }
  line.add(isOf('video', GONE), { kind: 'status', status: 404 }, ALWAYS);

  const page = await newPage(browser);
  const reading = page.getByText('One frame could not be shown');
  await watch(page, line.origin, LONG.title);
  await waitForEvent(page, 'frame', ({ frame, outcome }) => frame === STALE && outcome === 'decrypted');
  const told = await waitForEvent(page, 'failed', ({ code }) => code === 'frame/undecodable');
  expect(told.code).toBe('frame/undecodable');
  await expect(reading).toBeVisible();
  await expect(page.getByText('Play goes on behind it.')).toBeVisible();
  await waitForEvent(page, 'frame', ({ frame, outcome }) => frame === GONE + 1 && outcome === 'decrypted', {
    timeoutMs: 60_000,
  });
  const failed = (await heard(page, 'frame')).filter(({ outcome }) => outcome === 'failed');
  expect(failed.map(({ frame, code }) => [frame, code])).toEqual([
    [HALF, 'frame/cut'],
    [STALE, 'frame/tampered'],
  ]);
  const shown = await expectTrueReceipt(page);
  expect(shown.slice(0, 6)).toEqual([0, HALF, STALE, DISPLACED + 1, DISPLACED + 2, GONE + 1]);
});

test('BT-9, BT-10: what a request says about itself makes no other file of it: a browser that has it does not ask again', async ({
  browser,
}) => {
  const page = await newPage(browser);
  await page.goto(line.origin);
  const [path] = pathsOf('video', 0);
  const sizes = await page.evaluate(async (address) => {
    const sizeOf = async (said: string): Promise<number> =>
      (await (await fetch(`${address}?CMCD=${encodeURIComponent(said)}`, { credentials: 'omit' })).arrayBuffer())
        .byteLength;
    return [await sizeOf('sid="a",su'), await sizeOf('bl=2000,sid="b"'), await sizeOf('sid="a",su')];
  }, path);
  expect(new Set(sizes).size).toBe(1);
  expect(line.seen.filter((request) => request.path === path)).toHaveLength(1);
  await page.context().close();
});

test('BT-4, BT-8: the server dies while it plays and comes back: play waits, says so, and goes on', async ({
  browser,
}) => {
  // Far frames do not come while it lives, or the whole programme would be here before it dies.
  const far = Array.from({ length: manifest.frameCount - 8 }, (_, i) => i + 8);
  const rule = line.add((path) => isOf('video', ...far)(path), { kind: 'dropped' }, ALWAYS);
  const page = await newPage(browser);
  await watch(page, line.origin, LONG.title);
  await waitForCounted(page, 1);
  const { PORT, MODULE_PORT } = {
    PORT: String(portOf(provider.terminalOrigin)),
    MODULE_PORT: String(portOf(provider.moduleOrigin)),
  };
  line.aimAt(null);
  await provider.stop();
  await seekTo(page, 12 * SLOT_MS);
  await waitForEvent(page, 'display', ({ state, positionMs }) => state === 'waiting' && positionMs === 12 * SLOT_MS);
  await expect(page.getByText('The line is bad; Farebox goes on trying')).toBeVisible();
  await expect(page.getByText('Farebox asks again by itself.')).toBeVisible();

  rule.times = 0;
  provider = await startTestProvider(provider.dataDir, { FAREBOX_TERMINAL_ORIGIN: line.origin, PORT, MODULE_PORT });
  line.aimAt(portOf(provider.terminalOrigin));
  await waitForEvent(page, 'frame', ({ frame, outcome }) => frame === 13 && outcome === 'decrypted');
  await expect(page.getByText('The line is bad; Farebox goes on trying')).toBeHidden();
  await expectTrueReceipt(page);
});

test('BT-7, CARD-3: the sound device goes, the clock jumps, the machine sleeps, the tab is hidden: play goes on and the count is right', async ({
  browser,
}) => {
  const page = await newPage(browser);
  await page.addInitScript(() => {
    const made: AudioContext[] = [];
    Reflect.set(window, 'madeContexts', made);
    const Own = window.AudioContext;
    window.AudioContext = class extends Own {
      constructor(options?: AudioContextOptions) {
        super(options);
        made.push(this);
      }
    };
  });
  await watch(page, line.origin, LONG.title);
  await waitForCounted(page, 1);

  await test.step('the sound device is gone', async () => {
    const closed = await Promise.all(
      page.frames().map((frame) =>
        frame.evaluate(async () => {
          const made: AudioContext[] = Reflect.get(window, 'madeContexts') ?? [];
          await Promise.all(made.map((context) => context.close()));
          return made.length;
        }),
      ),
    );
    expect(closed.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    await waitForCounted(page, 2);
  });

  await test.step('the clock goes forward, back beyond where it was, and is put right', async () => {
    for (const byMs of [10 * 60_000, -30 * 60_000, 20 * 60_000]) {
      const shift = (ms: number): void => {
        const now = Date.now;
        Date.now = () => now.call(Date) + ms;
      };
      await page.evaluate(shift, byMs);
      for (const worker of page.workers()) await worker.evaluate(shift, byMs);
      await waitForCounted(page, 1);
    }
  });

  await test.step('the machine sleeps and wakes', async () => {
    const slept = (await heardWithTimes(page, 'display')).length;
    const devtools = await browser.newBrowserCDPSession();
    const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
    for (const { id } of processInfo) process.kill(id, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, SLEEP_MS));
    for (const { id } of processInfo) process.kill(id, 'SIGCONT');
    await waitForCounted(page, 1);
    const times = (await heardWithTimes(page, 'display')).slice(Math.max(0, slept - 1)).map(({ atMs }) => atMs);
    const gaps = times.map((atMs, i) => atMs - (times[i - 1] ?? atMs));
    expect(Math.max(...gaps)).toBeGreaterThanOrEqual(SLEEP_MS - 500);
  });

  await test.step('the tab is hidden and shown', async () => {
    await setHidden(page, true);
    await waitForCounted(page, 2);
    const hidden = await picturesDrawn(page);
    await setHidden(page, false);
    await waitForCounted(page, 1);
    expect(await picturesDrawn(page)).toBeGreaterThan(hidden);
  });

  await expectTrueReceipt(page);
});
