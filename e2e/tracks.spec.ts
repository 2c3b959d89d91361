// Sound, captions, speed and previews of a programme that was published with all of them: what a person chooses is seen and heard in the
// module's frame, at the right time, and what captions say is nowhere else.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { makeClip } from '../server-mock/publisher/test-clip.ts';
import { programmeIdOf } from './rig/content.ts';
import { heard, heardWithTimes, waitForEvent } from './rig/module-events.ts';
import { runFarebox } from './rig/processes.ts';
import { startTestProvider } from './rig/provider.ts';
import { checkFile, countedFrames } from './rig/receipts.ts';
import { moduleFrame } from './rig/surface.ts';
import { downloadReceipt, framesIn, press, seekTo, showControls, stopAndSettle, watch } from './rig/terminal.ts';
import { test as base, copyOfPublished, expect } from './rig/test.ts';

const TITLE = 'Tracks of the harbour';
const EARLY = 'The harbour wakes.';
const LATE = 'A bell is rung.';
const ARABIC = 'يستيقظ الميناء';

const VTT = (cues: readonly (readonly [from: string, to: string, text: string])[]): string =>
  `WEBVTT\n\n${cues.map(([from, to, text]) => `00:${from} --> 00:${to}\n${text}\n`).join('\n')}`;

const test = base.extend<object, { provider: Awaited<ReturnType<typeof startTestProvider>> }>({
  provider: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern.
    async ({}, use) => {
      const dataDir = await copyOfPublished();
      const folder = await mkdtemp(join(tmpdir(), 'farebox-tracks-'));
      const file = (name: string) => join(folder, name);
      await makeClip({ file: file('clip.mp4'), durationS: 24 });
      await makeClip({ file: file('de.mp4'), durationS: 24, pictures: false });
      await writeFile(
        file('en.vtt'),
        VTT([
          ['00.000', '06.000', `<b>${EARLY}</b>`],
          ['12.000', '16.000', LATE],
        ]),
      );
      await writeFile(file('ar.vtt'), VTT([['00.000', '24.000', ARABIC]]));
      await writeFile(
        file('chapters.vtt'),
        VTT([
          ['00.000', '12.000', 'Morning'],
          ['12.000', '24.000', 'Evening'],
        ]),
      );
      const tracks = [
        ...['--captions', `en=${file('en.vtt')}`, '--captions', `ar=${file('ar.vtt')}`],
        ...['--sound', `de:Deutsch=${file('de.mp4')}`, '--chapters', file('chapters.vtt')],
      ];
      const modes = ['--modes', 'display,frames,keys'];
      const args = ['publish', file('clip.mp4'), '--title', TITLE, '--language', 'en', ...modes, ...tracks];
      const { code, err } = await runFarebox(args, { FAREBOX_DATA: dataDir });
      if (code !== 0) throw new Error(`publishing failed: ${err}`);
      await rm(folder, { recursive: true });
      const provider = await startTestProvider(dataDir);
      await use(provider);
      await provider.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});

const cues = (page: Page) => moduleFrame(page).locator('.captions .cue');

/** Labels of the parts that the page gives to the module, in order, frame by frame. */
async function noteDeliveries(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const given: { frame: number; labels: string[] }[] = [];
    Object.assign(window, { given });
    const post = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown, ...rest: never[]) {
      const call = message as null | {
        path?: string[];
        argumentList?: { value?: { frame: number; parts: { label: string }[] } }[];
      };
      const argument = call?.path?.[0] === 'deliver' ? call.argumentList?.[0]?.value : undefined;
      if (argument !== undefined) {
        given.push({ frame: argument.frame, labels: argument.parts.map(({ label }) => label) });
      }
      return Reflect.apply(post, this, [message, ...rest]);
    };
  });
}

const given = (page: Page) =>
  page.evaluate(() => (window as unknown as { given: { frame: number; labels: string[] }[] }).given);

/** Chooses in the menu over the picture. */
async function choose(page: Page, title: string, choice: string): Promise<void> {
  await showControls(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('menuitem', { name: title }).click();
  await page.getByRole('menuitemradio', { name: choice }).click();
}

test('CARD-3: captions are seen in the module’s frame at their time, written in their direction, and nowhere else', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, TITLE);
  await press(page, 'Pause');
  await seekTo(page, 1_000);
  await page.keyboard.press('c');
  await expect(cues(page)).toHaveText([EARLY]);
  await expect(cues(page).locator('.bold')).toHaveText(EARLY);
  await expect(cues(page)).toBeInViewport();

  await seekTo(page, 8_000);
  await expect(cues(page)).toHaveCount(0);
  await seekTo(page, 13_000);
  await expect(cues(page)).toHaveText([LATE]);

  await choose(page, 'Captions', 'العربية');
  await expect(cues(page)).toHaveText([ARABIC]);
  await expect(moduleFrame(page).locator('.captions')).toHaveAttribute('lang', 'ar');
  await expect(cues(page).locator('p')).toHaveAttribute('dir', 'rtl');
  await page.keyboard.press('c');
  await expect(cues(page)).toHaveCount(0);

  const told = JSON.stringify(await page.evaluate(() => window.heardEvents ?? []));
  for (const text of [EARLY, LATE, ARABIC]) {
    expect(told).not.toContain(text);
    expect(await page.content()).not.toContain(text);
  }
});

test('CARD-3, BT-5: where frames or keys may leave, other players show the captions of the frames that they were given, at their time', async ({
  person,
  provider,
}) => {
  for (const name of ['hls', 'shaka', 'keys']) {
    const page = await person.newTab();
    await page.goto(`${provider.terminalOrigin}/embed/${name}.html?programme=${await programmeIdOf(provider, TITLE)}`);
    await page.getByRole('button', { name: /^Play with / }).click();
    await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
    const video = page.locator('video');
    await video.evaluate((element: HTMLVideoElement) => element.pause());
    const shown = (): Promise<string[]> =>
      video.evaluate(({ textTracks }: HTMLVideoElement) =>
        [...textTracks].flatMap(({ mode, activeCues }) =>
          [...(mode === 'disabled' ? [] : (activeCues ?? []))].map((cue) => (cue as VTTCue).text),
        ),
      );
    const seek = (seconds: number) =>
      video.evaluate((element: HTMLVideoElement, at) => {
        element.currentTime = at;
      }, seconds);
    await page.getByLabel('Captions').selectOption({ label: 'English' });
    await seek(13);
    await expect.poll(shown, { timeout: 30_000 }).toEqual([LATE]);
    await seek(1);
    await expect.poll(shown).toEqual([expect.stringContaining(EARLY)]);
    await seek(8);
    await expect.poll(shown).toEqual([]);
    await page.getByLabel('Captions').selectOption({ label: 'العربية' });
    await expect.poll(shown, { timeout: 30_000 }).toEqual([ARABIC]);
    // Captions are parts of their frames: none of them counts twice for them.
    const counted = await countedFrames(page);
    expect(new Set(counted).size).toBe(counted.length);
    await page.getByRole('button', { name: 'Stop and make the receipt' }).click();
    await expect(page.getByText('The provider agrees')).toBeVisible();
  }
});

test('CARD-3: captions stand above the controls while these are seen, and look as the person says', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, TITLE);
  await press(page, 'Pause');
  await seekTo(page, 1_000);
  await page.keyboard.press('c');
  await expect(cues(page)).toHaveText([EARLY]);
  const bar = page.getByRole('slider', { name: 'Place in the programme' });
  await expect
    .poll(async () => {
      const [cue, slider] = [await cues(page).boundingBox(), await bar.boundingBox()];
      return cue !== null && slider !== null && cue.y + cue.height <= slider.y;
    })
    .toBe(true);
  const before = await cues(page).evaluate((cue) => Number.parseFloat(getComputedStyle(cue).fontSize));
  await choose(page, 'Caption look', 'Very large');
  await expect
    .poll(() => cues(page).evaluate((cue) => Number.parseFloat(getComputedStyle(cue).fontSize)))
    .toBeGreaterThan(before * 1.5);
});

test('CARD-3, BT-7: another sound comes from the frame that plays on, and nothing is counted twice', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await noteDeliveries(page);
  await watch(page, provider.terminalOrigin, TITLE);
  await choose(page, 'Sound', 'Deutsch');
  await page.keyboard.press('Escape');
  // What is here already, with the display or fetched ahead, came with the main sound: it gets the other alone.
  const others = async () => (await given(page)).filter(({ labels }) => labels.join() === 'audio/de');
  await expect.poll(async () => (await others()).length).toBeGreaterThan(0);
  await expect.poll(async () => (await others()).some(({ frame }) => frame >= 4)).toBe(true);
  await waitForEvent(page, 'frame', ({ frame, outcome }) => outcome === 'decrypted' && frame >= 3);
  expect(await heard(page, 'failed')).toEqual([]);
  await stopAndSettle(page);
  const shown = await countedFrames(page);
  expect(new Set(shown).size).toBe(shown.length);
  const report = await checkFile(await downloadReceipt(page), provider.terminalOrigin);
  expect(report.valid).toBe(true);
  expect(framesIn(report.receipt?.frames ?? [])).toEqual(shown);
});

test('CARD-3: at twice the speed it plays about twice as fast, picture and sound together', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, TITLE);
  // Pressed as soon as there is a picture, before the controls are there.
  for (let step = 0; step < 4; step += 1) await page.keyboard.press('>');
  await waitForEvent(
    page,
    'display',
    ({ state, rate, positionMs }) => state === 'playing' && rate === 2 && positionMs > 16_000,
  );
  const playing = (await heardWithTimes(page, 'display')).filter(
    ({ event }) => event.rate === 2 && event.state === 'playing',
  );
  const [first, last] = [playing.at(2), playing.at(-1)];
  if (first === undefined || last === undefined) throw new Error('it did not play');
  const speed = (last.event.positionMs - first.event.positionMs) / (last.atMs - first.atMs);
  // A loaded machine stands still for a moment now and then; nothing makes it play faster than it should.
  expect(speed).toBeGreaterThan(1.25);
  expect(speed).toBeLessThan(2.2);
  const offsets = playing.flatMap(({ event }) =>
    event.statistics.soundOffsetMs === null ? [] : [Math.abs(event.statistics.soundOffsetMs)],
  );
  const sorted = offsets.toSorted((one, other) => one - other);
  expect(sorted.length).toBeGreaterThan(5);
  // Of the programme's milliseconds, of which two pass in one.
  expect(sorted[Math.ceil(sorted.length * 0.95) - 1]).toBeLessThanOrEqual(90);
  expect(await countedFrames(page)).toEqual((await countedFrames(page)).map((_frame, at) => at));
});

test('CARD-3: pointing at the seek bar shows a preview in the module’s frame, its time and its chapter', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, TITLE);
  await showControls(page);
  const counted = await countedFrames(page);
  const bar = await page.getByRole('slider', { name: 'Place in the programme' }).boundingBox();
  if (bar === null) throw new Error('there is no seek bar');
  const pointAt = (share: number) => page.mouse.move(bar.x + bar.width * share, bar.y + bar.height / 2);
  await pointAt(0.7);
  await pointAt(0.75);
  const preview = moduleFrame(page).locator('canvas.preview');
  await expect(preview).toBeVisible();
  await expect(page.getByText('Evening')).toBeVisible();
  const box = await preview.boundingBox();
  if (box === null) throw new Error('the preview has no place');
  expect(Math.abs(box.x + box.width / 2 - (bar.x + bar.width * 0.75))).toBeLessThan(12);
  expect(box.y + box.height).toBeLessThanOrEqual(bar.y);
  const pixels = await preview.evaluate((canvas) => {
    if (!(canvas instanceof HTMLCanvasElement)) return 0;
    const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height });
    const context = copy.getContext('2d');
    context?.drawImage(canvas, 0, 0);
    return new Set(context?.getImageData(0, 0, canvas.width, canvas.height).data).size;
  });
  expect(pixels).toBeGreaterThan(20);
  await showControls(page);
  await expect(preview).toBeHidden();
  expect((await countedFrames(page)).slice(0, counted.length)).toEqual(counted);
});
