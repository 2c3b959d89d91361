// The weaker ways out in a real browser: other players show a Farebox programme, each frame that they are given is counted, and nothing leaves by
// a way that the licence does not name.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { z } from 'zod';
import { makeClip } from '../server-mock/publisher/test-clip.ts';
import { decodeReceiptFile } from '../src/protocol/receipt-file.ts';
import { manifestOf, programmeIdOf } from './rig/content.ts';
import { heard, waitForEvent } from './rig/module-events.ts';
import { startFarebox } from './rig/processes.ts';
import { LONG, SHORT } from './rig/programmes.ts';
import type { RunningProvider } from './rig/provider.ts';
import { checkFile, countedFrames } from './rig/receipts.ts';
import { downloadOpenReceipt, framesIn, watch } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

/** Each page, the player that it names, and the mode of its sessions. */
const PAGES = [
  ['hls', 'hls.js', 'frames'],
  ['shaka', 'Shaka Player', 'frames'],
  ['keys', 'hls.js', 'keys'],
] as const;

/** Frames behind the edge at which another player joins. */
const HELD_BACK = 3;
const catalogueSchema = z.object({
  programmes: z.array(z.object({ title: z.string(), live: z.object({ edge: z.number() }).nullable() })),
});

/** Opens a page of another player and presses play; every complaint of the browser is kept. */
async function playOn(page: Page, provider: RunningProvider, name: string, title: string): Promise<string[]> {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${provider.terminalOrigin}/embed/${name}.html?programme=${await programmeIdOf(provider, title)}`);
  await page.getByRole('button', { name: /^Play with / }).click();
  return complaints;
}

/** Resolves when the element has shown pictures and its time has come to `seconds`. */
async function waitForPicture(page: Page, seconds: number): Promise<void> {
  await page.waitForFunction((least) => {
    const video = document.querySelector('video');
    return (
      video !== null &&
      video.videoWidth > 0 &&
      video.currentTime >= least &&
      video.getVideoPlaybackQuality().totalVideoFrames > 10
    );
  }, seconds);
}

/** How far a live programme is; null before it is listed. */
async function liveOf({ terminalOrigin }: RunningProvider, title: string): Promise<{ readonly edge: number } | null> {
  const answer = await fetch(`${terminalOrigin}/api/v1/catalogue`);
  return catalogueSchema.parse(await answer.json()).programmes.find((entry) => entry.title === title)?.live ?? null;
}

/** What the page says of a count, by the name of its line. */
async function lineOf(page: Page, name: string): Promise<number> {
  const line = page.locator('dl > div').filter({ has: page.locator('dt', { hasText: name }) });
  return Number.parseInt((await line.locator('dd').textContent()) ?? '', 10);
}

/** Stops, opens the receipt that the page links to, and answers its frames once every check on it has held. */
async function stopAndRead(page: Page, provider: RunningProvider) {
  await page.getByRole('button', { name: 'Stop and make the receipt' }).click();
  await expect(page.getByText('The provider agrees')).toBeVisible();
  const said = { counted: await lineOf(page, 'Frames counted'), handed: await lineOf(page, 'Handed to this page') };
  const told = await countedFrames(page);
  await page.getByRole('link', { name: 'Open the receipt' }).click();
  const file = await downloadOpenReceipt(page);
  const { valid, receipt } = await checkFile(file, provider.terminalOrigin);
  expect(valid).toBe(true);
  return { said, told, frames: framesIn(receipt?.frames ?? []), grant: decodeReceiptFile(file).grant };
}

for (const [name, player, mode] of PAGES) {
  test(`BT-5: ${player} plays a programme in the mode ${mode} (/embed/${name}.html), and the receipt names the frames that it was given`, async ({
    person,
    provider,
  }) => {
    const page = await person.newTab();
    const complaints = await playOn(page, provider, name, LONG.title);
    await expect(page.getByText(mode === 'keys' ? 'gets the keys' : 'gets the frames in the clear')).toBeVisible();
    await waitForPicture(page, 3);
    const { said, told, frames, grant } = await stopAndRead(page, provider);
    expect(complaints).toEqual([]);
    expect(frames.length).toBeGreaterThan(2);
    expect(frames).toEqual(told);
    expect(said).toEqual({ counted: frames.length, handed: frames.length });
    // The grant on the receipt names the way out, signed by the provider.
    expect(Buffer.from(grant).includes(Buffer.from(mode))).toBe(true);
  });
}

test('BT-5, BT-7: a frame that another player asks for again after a seek back is handed over again and not counted again', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await playOn(page, provider, 'hls', LONG.title);
  await waitForPicture(page, 1);
  await page.locator('video').evaluate((video: HTMLVideoElement) => {
    video.currentTime = 30;
  });
  await waitForPicture(page, 31);
  await page.locator('video').evaluate((video: HTMLVideoElement) => {
    video.currentTime = 0;
  });
  await page.waitForFunction(() => {
    const video = document.querySelector('video');
    return video !== null && video.currentTime > 0.5 && video.currentTime < 20;
  });
  const { told, frames } = await stopAndRead(page, provider);
  expect(new Set(told).size).toBe(told.length);
  expect(frames).toEqual(told);
  expect(frames).toContain(15);
});

test('BT-5, BT-7: the death of the worker leaves a count that is right, and the other player goes on', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await playOn(page, provider, 'hls', LONG.title);
  await waitForPicture(page, 1);
  for (const worker of page.workers()) await worker.evaluate(() => self.close()).catch(() => undefined);
  await waitForPicture(page, 14);
  const { told, frames } = await stopAndRead(page, provider);
  expect(new Set(told).size).toBe(told.length);
  expect(frames).toEqual(expect.arrayContaining(told));
  // The worker may have died between a durable count and the word of it.
  expect(frames.length - told.length).toBeLessThanOrEqual(1);
});

test('BT-5, BT-10: hls.js and Shaka Player play a live programme as it comes, in frames and in keys, and each receipt names what it was given', async ({
  person,
  provider,
}, testInfo) => {
  test.setTimeout(180_000);
  // A title of its own: tests that come after each other share a provider.
  const title = 'The ferry, live';
  const clip = join(testInfo.outputPath(), 'clip.mp4');
  await makeClip({ file: clip, durationS: 6, width: 320, height: 180 });
  const sender = startFarebox(['live', clip, '--loop', '--title', title, '--modes', 'display,frames,keys', '--json'], {
    FAREBOX_DATA: provider.dataDir,
  });
  await expect
    .poll(async () => (await liveOf(provider, title))?.edge ?? 0, { timeout: 60_000 })
    .toBeGreaterThanOrEqual(4);
  // One after the other: tabs that play one programme by one way out share a session.
  for (const [name] of PAGES) {
    const page = await person.newTab();
    const { edge } = (await liveOf(provider, title)) ?? { edge: 0 };
    const complaints = await playOn(page, provider, name, title);
    await waitForPicture(page, 0);
    // It goes on with the edge: what it is given now was not filmed when it began.
    await expect.poll(async () => Math.max(...(await countedFrames(page))), { timeout: 60_000 }).toBeGreaterThan(edge);
    const { said, told, frames } = await stopAndRead(page, provider);
    expect(complaints).toEqual([]);
    expect(frames).toEqual(told);
    expect(said).toEqual({ counted: frames.length, handed: frames.length });
    expect(frames[0]).toBeGreaterThanOrEqual(edge - HELD_BACK);
  }
  await sender.interrupt();
});

test('BT-5: a programme that refuses a way out is refused with its code, and nothing is opened', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  for (const [name] of PAGES) {
    await playOn(page, provider, name, SHORT.title);
    await expect(page.getByText('grant/mode', { exact: true })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Watch it in Farebox' })).toBeVisible();
  }
  await page.goto(`${provider.terminalOrigin}/embed/keys.html`);
  await expect(page.getByRole('link', { name: LONG.title })).toBeVisible();
  await expect(page.getByRole('link', { name: SHORT.title })).toHaveCount(0);
  for (const [title, links] of [
    [LONG.title, PAGES.length],
    [SHORT.title, 0],
  ] as const) {
    await page.goto(`${provider.terminalOrigin}/watch/${await programmeIdOf(provider, title)}`);
    await expect(page.getByRole('heading', { name: title })).toBeVisible();
    await expect(page.getByRole('navigation', { name: 'Other players' }).getByRole('link')).toHaveCount(links);
  }
  await page.goto(`${provider.terminalOrigin}/receipts`);
  await expect(page.getByRole('heading', { name: 'Receipts' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Still open' })).toHaveCount(0);
});

test('BT-5: script on the page of a display session gets no clear part and no key, by any command', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  // As a script of the page would: it keeps the ports that the page makes, and speaks on them beside their owner.
  await page.addInitScript(() => {
    const ports: MessagePort[] = [];
    Reflect.set(window, 'takenPorts', ports);
    const OwnChannel = window.MessageChannel;
    window.MessageChannel = class extends OwnChannel {
      constructor() {
        super();
        ports.push(this.port1);
      }
    };
  });
  await watch(page, provider.terminalOrigin, LONG.title);
  const { session } = await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'decrypted');
  const manifest = await manifestOf(provider, LONG.title);
  const frame = 12;
  const parts = manifest.parts.flatMap(({ label, kind, segments }) => {
    const segment = segments[frame];
    return kind === 'captions' || segment === null || segment === undefined ? [] : [{ label, hash: segment.hash }];
  });
  const counted = (await heard(page, 'frame')).filter(({ outcome }) => outcome === 'decrypted').length;

  const answers = await page.evaluate(
    async ({ session: id, frame: number, parts: wanted }) => {
      const ports: unknown = Reflect.get(window, 'takenPorts');
      if (!Array.isArray(ports)) throw new Error('no ports were taken');
      const sealed = await Promise.all(
        wanted.map(async ({ label, hash }) => ({
          label,
          sealed: await (await fetch(`/content/${hash}`)).arrayBuffer(),
        })),
      );
      const labels = wanted.map(({ label }) => label);
      const askOn = (port: MessagePort, name: string, argument: object): Promise<unknown> =>
        new Promise((resolve) => {
          const call = `hostile-${name}`;
          port.addEventListener('message', ({ data }: MessageEvent) => {
            if (data?.id === call) resolve(data.value);
          });
          const argumentList = [{ type: 'RAW', value: argument }];
          port.postMessage({ id: call, type: 'APPLY', path: [name], argumentList });
        });
      // The one that answers is the module's.
      const commands = await Promise.race(
        ports.filter((port) => port instanceof MessagePort).map((port) => askOn(port, 'status', {}).then(() => port)),
      );
      const ask = (name: string, argument: object): Promise<unknown> => askOn(commands, name, argument);
      return {
        openFrame: await ask('openFrame', { session: id, frame: number, parts: sealed }),
        frameKeys: await ask('frameKeys', { session: id, frame: number, labels }),
        resumed: await ask('openFrame', { session: id, frame: number, parts: sealed, mode: 'frames' }),
        delivered: await ask('deliver', { session: id, frame: number, parts: sealed }),
      };
    },
    { session, frame, parts },
  );
  expect(answers.openFrame).toEqual({
    ok: false,
    error: { code: 'session/mode', detail: { session, mode: 'display' } },
  });
  expect(answers.frameKeys).toEqual({
    ok: false,
    error: { code: 'session/mode', detail: { session, mode: 'display' } },
  });
  expect(answers.resumed).toMatchObject({ ok: false, error: { code: 'request/malformed' } });
  // What it may do is deliver: the answer says that it was taken, and nothing of what is in it.
  expect(answers.delivered).toEqual({ ok: true, value: { replay: false } });
  expect((await heard(page, 'frame')).filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  expect(counted).toBeGreaterThan(0);
});
