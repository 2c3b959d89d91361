// The sample programme: that its tick and its light meet on the whole second, also after publishing, and that it is made once.

import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toAvFrame } from '@mediabunny/server';
import { AudioSampleSink, BufferSource, FilePathSource, Input, MP4, QTFF, VideoSampleSink } from 'mediabunny';
import { Frame } from 'node-av';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { concatBytes } from '../../../src/protocol/bytes.ts';
import { decodeCaptions } from '../../../src/protocol/captions.ts';
import { decodeManifest } from '../../../src/protocol/manifest.ts';
import { openPart } from '../../../src/protocol/parts.ts';
import { sequenceFunction } from '../../../src/protocol/sequence/sequence.ts';
import { signerFromSecret } from '../../../src/protocol/suite/secret-signer.ts';
import { webCryptoSuite } from '../../../src/protocol/suite/webcrypto.ts';
import type { ProgrammeRegistry, PublishedProgramme } from '../../catalogue/registry.ts';
import { configFromEnvironment } from '../../config.ts';
import { openContentStore } from '../../content/store.ts';
import { publishFile } from '../publish.ts';
import { readCaptions } from '../tracks/captions.ts';
import { readChapters } from '../tracks/chapters.ts';
import { ensureSample, SAMPLE_TITLE } from './ensure-sample.ts';
import { makeSample } from './make-sample.ts';
import { composeMorseSecond, MORSE_EVERY_S, MORSE_RATE, signTimes } from './morse.ts';
import { makeSampleTracks } from './sample-tracks.ts';
import { makeScene, SAMPLE } from './scene.ts';
import { composeSecond, SAMPLE_SOUND_RATE } from './sound.ts';

const signer = signerFromSecret(randomBytes(32));
let folder: string;
/** Two seconds of the sample with all their tracks, on sale under its title: drawn and published once for the tests that look at it. */
let sale: Awaited<ReturnType<typeof publishShort>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farebox-sample-'));
  sale = await publishShort(await mkdtemp(join(folder, 'sale-')));
});

async function publishShort(place: string) {
  const file = join(place, 'short.mov');
  await makeSample({ file, seconds: 2 });
  const config = configFromEnvironment({ FAREBOX_DATA: place });
  const content = await openContentStore(place);
  const added: PublishedProgramme[] = [];
  const registry = registryOf(added);
  const given = await makeSampleTracks(place, 2);
  const { id, tracks } = await publishFile({ ...given, file, title: SAMPLE_TITLE, config, signer, content, registry });
  return { id, tracks, file, config, content, added, registry };
}

afterAll(() => rm(folder, { recursive: true, force: true }));

function registryOf(added: PublishedProgramme[]): ProgrammeRegistry {
  return {
    add: async (programme) => void added.push({ ...programme, seed: Uint8Array.from(programme.seed) }),
    list: async () =>
      added.map((programme) => ({ ...programme, live: null, offlineMs: null, sizeBytes: 0, publishedTime: 0 })),
    remove: async () => undefined,
    removeUnlisted: async () => undefined,
  };
}

test('a tick begins at the first sample of its second and not before', () => {
  const before = composeSecond(2);
  const second = composeSecond(3);
  const tail = before.subarray(SAMPLE_SOUND_RATE - 480, SAMPLE_SOUND_RATE);
  const quiet = Math.max(...tail.map(Math.abs));
  const loud = Math.max(...second.subarray(0, 480).map(Math.abs));
  expect(loud).toBeGreaterThan(quiet * 2);
  expect(Math.abs(second[0] ?? 0)).toBeGreaterThan(0.25);
});

test('no sound of the sample is clipped', () => {
  for (let second = 0; second < SAMPLE.seconds; second += 5) {
    expect(Math.max(...composeSecond(second).map(Math.abs))).toBeLessThan(1);
  }
});

test('pictures of one moment are the same whatever was drawn before', async () => {
  const [one, other] = await Promise.all([makeScene(), makeScene()]);
  for (const picture of [0, 47, 800]) one.draw(picture);
  expect(Buffer.from(one.draw(95).bytes).equals(other.draw(95).bytes)).toBe(true);
  expect(Buffer.from(one.draw(96).bytes).equals(other.draw(95).bytes)).toBe(false);
});

test('each picture of the sample shows its own number, whatever is drawn while it is encoded', async () => {
  const file = join(folder, 'numbers.mov');
  await makeSample({ file, seconds: 1 });
  const scene = await makeScene();
  const input = new Input({ source: new FilePathSource(file), formats: [QTFF] });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error('no pictures');
  /** How much a decoded picture differs from a drawn one where the ticket has its number; sums over every fourth row. */
  const differenceTo = (number: number, luma: Uint8Array, stride: number): number => {
    const { bytes, width } = scene.draw(number);
    let sum = 0;
    for (let y = 428; y < 500; y += 4) {
      for (let x = 680; x < 880; x++) sum += Math.abs((luma[y * stride + x] ?? 0) - (bytes[y * width + x] ?? 0));
    }
    return sum;
  };
  const frame = new Frame();
  frame.alloc();
  const shown: number[] = [];
  for await (const sample of new VideoSampleSink(track).samples()) {
    const number = shown.length;
    await toAvFrame(sample, frame);
    sample.close();
    const candidates = [number, number + 1, number + 2, number + 3, Math.max(0, number - 1)];
    const differences = candidates.map((one) =>
      differenceTo(one, frame.data?.[0] ?? new Uint8Array(), frame.linesize[0] ?? 0),
    );
    shown.push(candidates[differences.indexOf(Math.min(...differences))] ?? -1);
  }
  frame.free();
  input.dispose();
  expect(shown).toEqual(Array.from({ length: SAMPLE.pictureRate }, (_, number) => number));
});

test('BT-1: a tick is where it was after publishing', async () => {
  const { content, added } = sale;
  const [published] = added;
  if (published === undefined) throw new Error('nothing was listed');
  const manifest = decodeManifest(await readFile(content.path(published.manifestHash)));
  const sound = manifest.parts.find((part) => part.label === 'audio/main');
  const [segment] = sound?.segments ?? [];
  if (sound === undefined || segment === undefined || segment === null) throw new Error('no sound');
  const place = {
    frameKey: sequenceFunction('tree').keyAt(published.seed, 0),
    programme: published.id,
    label: sound.label,
    frame: 0,
  };
  const sealed = new Uint8Array(await readFile(content.path(segment.hash)));
  const clear = await openPart({ ...place, sealed, suite: webCryptoSuite });
  expect(Math.abs((await onsetNear(concatBytes(sound.init, clear), 1)) - 1)).toBeLessThan(0.003);
});

test('BT-10: the sample has captions in two languages, a second sound, chapters and previews, on its own clock', () => {
  expect(sale.tracks).toEqual({
    sounds: [
      { label: 'audio/main', language: 'en', name: '', role: 'main' },
      { label: 'audio/en-description', language: 'en', name: 'The time in Morse code', role: 'description' },
    ],
    captions: [
      { label: 'captions/en', language: 'en', name: 'English', role: 'captions' },
      { label: 'captions/de-subtitles', language: 'de', name: 'Deutsch', role: 'subtitles' },
    ],
    chapters: 4,
    previewSheets: 1,
  });
});

test('BT-10: the captions of the sample are told at the second that they tell, to its very end', async () => {
  const place = await mkdtemp(join(folder, 'words-'));
  const { captions = [], chapters = '' } = await makeSampleTracks(place);
  for (const { file } of captions) {
    const slots = await readCaptions(file, SAMPLE.seconds * 1_000);
    for (const { slot, bytes } of slots) {
      const startMs = slot * SAMPLE.slotSeconds * 1_000;
      const cues = decodeCaptions(bytes, { startMs, endMs: startMs + SAMPLE.slotSeconds * 1_000 });
      const told = cues.flatMap(({ lines, startMs: from }) => {
        const [, second] =
          /Se[ck]\w+ (\d+)/.exec(
            lines
              .flat()
              .map(({ text }) => text)
              .join(''),
          ) ?? [];
        return second === undefined ? [] : [[Number(second) * 1_000, from]];
      });
      expect(told.map(([at]) => at)).toEqual(told.map(([, from]) => from));
      expect(told).toHaveLength(1);
    }
    expect(slots).toHaveLength(SAMPLE.seconds / SAMPLE.slotSeconds);
  }
  expect((await readChapters(chapters, SAMPLE.seconds * 1_000)).map(({ startMs }) => startMs)).toEqual([
    ...[0, 18_000, 36_000, 54_000],
  ]);
});

test('a number in Morse code is over before the next one begins, and sounds where its signs are', () => {
  expect(signTimes(16).map(([fromS, toS]) => Math.round((toS - fromS) / 0.06))).toEqual([1, 3, 3, 3, 3, 3, 1, 1, 1, 1]);
  expect(signTimes(50).map(([fromS, toS]) => Math.round((toS - fromS) / 0.06))).toEqual([1, 1, 1, 1, 1, 3, 3, 3, 3, 3]);
  for (let number = 0; number < 100; number += 1) expect(signTimes(number).at(-1)?.[1]).toBeLessThan(MORSE_EVERY_S);
  const loudest = (samples: Float32Array): number => Math.max(...samples.map(Math.abs));
  const first = composeMorseSecond(16);
  expect(loudest(first.subarray(0, 0.06 * MORSE_RATE))).toBeGreaterThan(0.25);
  expect(loudest(first.subarray(0.06 * MORSE_RATE + 1, 0.12 * MORSE_RATE))).toBe(0);
  expect(loudest(composeMorseSecond(19))).toBe(0);
});

/** When the sound first becomes loud within a fifth of a second around a moment, in seconds. */
async function onsetNear(file: Uint8Array, moment: number): Promise<number> {
  const input = new Input({ source: new BufferSource(file), formats: [MP4] });
  const track = await input.getPrimaryAudioTrack();
  if (track === null) throw new Error('no sound track');
  let onset = Number.POSITIVE_INFINITY;
  for await (const sample of new AudioSampleSink(track).samples(moment - 0.2, moment + 0.2)) {
    const plane = new Float32Array(sample.numberOfFrames);
    sample.copyTo(plane, { planeIndex: 0, format: 'f32-planar' });
    const loud = plane.findIndex(
      (level, index) => Math.abs(level) > 0.25 && sample.timestamp + index / sample.sampleRate > moment - 0.1,
    );
    if (loud >= 0) onset = Math.min(onset, sample.timestamp + loud / sample.sampleRate);
    sample.close();
  }
  input.dispose();
  return onset;
}

test('the sample is not made again while it is on sale', async () => {
  const { id, file, config, content, added, registry } = sale;
  await rm(file);
  expect((await ensureSample({ config, registry, content, signer })).id).toBe(id);
  expect(added).toHaveLength(1);
});

test('an abort while the sample is drawn leaves no file behind', async () => {
  const content = await openContentStore(folder);
  const before = await readdir(folder, { recursive: true });
  const abort = new AbortController();
  const making = ensureSample({
    config: configFromEnvironment({ FAREBOX_DATA: folder }),
    registry: registryOf([]),
    content,
    signer,
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  await expect(making).rejects.toMatchObject({ code: 'publish/failed', detail: { reason: 'aborted' } });
  expect(await readdir(folder, { recursive: true })).toEqual(before);
});
