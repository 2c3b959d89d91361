// Tracks whole: small clips with captions, further sounds, chapters and previews through the real publisher, opened again with the
// programme's own keys.

import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BufferSource, EncodedPacketSink, Input, MP4 } from 'mediabunny';
import { Codec, CodecContext, FF_DECODER_MJPEG, FFmpegError, Frame, Packet } from 'node-av';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatBytes } from '../../../src/protocol/bytes.ts';
import { decodeCaptions } from '../../../src/protocol/captions.ts';
import { FareboxError } from '../../../src/protocol/errors.ts';
import { decodeManifest, type Manifest, type ManifestPart, mainSoundOf } from '../../../src/protocol/manifest.ts';
import { openPart } from '../../../src/protocol/parts.ts';
import { derivePreviewKey, openPreview } from '../../../src/protocol/previews.ts';
import { sequenceFunction } from '../../../src/protocol/sequence/sequence.ts';
import { signerFromSecret } from '../../../src/protocol/suite/secret-signer.ts';
import { webCryptoSuite as suite } from '../../../src/protocol/suite/webcrypto.ts';
import type { PublishedProgramme } from '../../catalogue/registry.ts';
import { configFromEnvironment, type ProviderConfig } from '../../config.ts';
import { type ContentStore, openContentStore } from '../../content/store.ts';
import { PUBLISH_LIMITS } from '../limits.ts';
import { previewForm } from '../preview-sheets.ts';
import { type PublishOptions, publishFile } from '../publish.ts';
import { type ClipOptions, makeClip } from '../test-clip.ts';
import { labelTracks, languageOf } from './track-names.ts';

const signer = signerFromSecret(randomBytes(32));
let folder: string;
let config: ProviderConfig;
let content: ContentStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farebox-tracks-'));
  config = configFromEnvironment({ FAREBOX_DATA: join(folder, 'data') });
  content = await openContentStore(config.dataDir);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function clip(name: string, options: Omit<ClipOptions, 'file'> = {}): Promise<string> {
  const file = join(folder, name);
  await makeClip({ file, ...options });
  return file;
}

async function words(name: string, ...lines: readonly string[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `WEBVTT\n\n${lines.join('\n')}\n`);
  return file;
}

async function publish(file: string, options: Partial<PublishOptions> = {}) {
  const added: PublishedProgramme[] = [];
  const registry = {
    add: async (programme: PublishedProgramme) =>
      void added.push({ ...programme, seed: Uint8Array.from(programme.seed) }),
    list: async () => [],
    remove: async () => undefined,
    removeUnlisted: async () => undefined,
  };
  const summary = await publishFile({ file, title: 'A clip', config, signer, content, registry, ...options });
  const [published] = added;
  if (published === undefined) throw new Error('nothing was listed');
  const manifest = decodeManifest(await readFile(content.path(published.manifestHash)));
  return { published, manifest, summary };
}

const partOf = (manifest: Manifest, label: string): ManifestPart => {
  const part = manifest.parts.find((known) => known.label === label);
  if (part === undefined) throw new Error(`no part ${label}`);
  return part;
};

/** The clear part of one frame, or null where the part has nothing there. */
async function openSlot(published: PublishedProgramme, part: ManifestPart, frame: number): Promise<Uint8Array | null> {
  const segment = part.segments[frame];
  if (segment === null || segment === undefined) return null;
  const frameKey = sequenceFunction(published.sequence).keyAt(published.seed, frame);
  const sealed = new Uint8Array(await readFile(content.path(segment.hash)));
  const place = { frameKey, programme: published.id, label: part.label, frame };
  return openPart({ ...place, sealed, sizeBytes: segment.sizeBytes, suite });
}

async function packetTimes(file: Uint8Array): Promise<number[]> {
  const input = new Input({ source: new BufferSource(file), formats: [MP4] });
  const [track] = await input.getTracks();
  if (track === undefined) throw new Error('the slot has no track');
  const times: number[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) times.push(packet.timestamp);
  input.dispose();
  return times;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const cause: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(cause instanceof FareboxError)) throw new Error(`not refused by a code: ${String(cause)}`);
  return cause.code;
}

describe('BT-10: a programme of many tracks', () => {
  test('has them all in its manifest, each opens in its slot, and what was published says so', async () => {
    const { published, manifest, summary } = await publish(await clip('many.mp4', { durationS: 5 }), {
      language: 'en',
      sounds: [
        {
          file: await clip('de.mkv', { container: 'mkv', durationS: 9, pictures: false }),
          language: 'de',
          name: 'Deutsch',
          role: 'dub',
        },
        {
          file: await clip('short.webm', { container: 'webm', durationS: 3 }),
          language: 'en',
          name: '',
          role: 'commentary',
        },
      ],
      captions: [
        { file: await words('en.vtt', '00:00.500 --> 00:01.000', 'one'), language: 'en', name: '', role: 'captions' },
        {
          file: await words('de.vtt', '00:03.000 --> 00:09.000', 'zwei'),
          language: 'de',
          name: 'Deutsch',
          role: 'subtitles',
        },
      ],
      chapters: await words('chapters.vtt', '00:00.000 --> 00:02.000', 'A', '', '00:02.500 --> 00:03.000', 'B'),
    });
    expect(manifest.parts.map(({ label }) => label)).toEqual([
      ...['video/180p', 'audio/main', 'audio/de', 'audio/en-commentary'],
      ...['captions/en', 'captions/de-subtitles'],
    ]);
    expect(mainSoundOf(manifest)).toMatchObject({ label: 'audio/main', language: 'en' });
    expect(manifest.chapters).toEqual([
      { startMs: 0, title: 'A' },
      { startMs: 2_500, title: 'B' },
    ]);
    expect(summary.tracks).toMatchObject({ chapters: 2, previewSheets: 1 });
    expect(summary.tracks.captions).toEqual([
      { label: 'captions/en', language: 'en', name: '', role: 'captions' },
      { label: 'captions/de-subtitles', language: 'de', name: 'Deutsch', role: 'subtitles' },
    ]);

    // A sound that is longer than the pictures ends with them; one that is shorter has nothing after its end.
    for (const [label, frames] of [
      ['audio/de', 3],
      ['audio/en-commentary', 2],
    ] as const) {
      const part = partOf(manifest, label);
      expect(part.segments.map((segment) => segment !== null)).toEqual([true, true, frames > 2]);
      for (let frame = 0; frame < frames; frame += 1) {
        const clear = await openSlot(published, part, frame);
        const [first = -1, ...rest] = await packetTimes(concatBytes(part.init, clear ?? new Uint8Array(0)));
        expect(first - 2 * frame).toBeGreaterThanOrEqual(0);
        expect(first - 2 * frame).toBeLessThan(0.022);
        expect(rest.at(-1)).toBeLessThan(2 * frame + 2);
      }
    }
    const german = partOf(manifest, 'captions/de-subtitles');
    expect(german.segments.map((segment) => segment !== null)).toEqual([false, true, true]);
    const cues = decodeCaptions((await openSlot(published, german, 2)) ?? new Uint8Array(0), {
      startMs: 4_000,
      endMs: 6_000,
    });
    expect(cues).toMatchObject([{ startMs: 3_000, endMs: 5_000, lines: [[{ text: 'zwei' }]] }]);
    expect(new Set(published.files.map(({ hash }) => hash)).size).toBe(published.files.length);
  });

  test('lists every sound in its playlist, the main one as the default, and no captions', async () => {
    const sounds = [
      {
        file: await clip('second.mp4', { durationS: 2 }),
        language: 'fr',
        name: '"quoted"',
        role: 'description' as const,
      },
    ];
    const captions = [
      {
        file: await words('fr.vtt', '00:00.000 --> 00:01.000', 'un'),
        language: 'fr',
        name: '',
        role: 'captions' as const,
      },
    ];
    const { manifest } = await publish(await clip('listed.mp4', { durationS: 2 }), { sounds, captions });
    const hash = manifest.playlists.get('master.m3u8');
    if (hash === undefined) throw new Error('no playlist');
    const lines = (await readFile(content.path(hash), 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('#EXT-X-MEDIA'));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('NAME="main",DEFAULT=YES,AUTOSELECT=YES');
    expect(lines[1]).toContain('NAME="fr-description",LANGUAGE="fr",DEFAULT=NO,AUTOSELECT=NO,CHARACTERISTICS=');
    expect([...manifest.playlists.keys()].filter((name) => name.includes('captions'))).toEqual([]);
  });

  test('without a sound of its own is heard in the first that was added', async () => {
    const sounds = ['de', 'fr'].map((language) => ({ file: '', language, name: '', role: 'dub' as const }));
    for (const sound of sounds)
      sound.file = await clip(`${sound.language}-only.mp4`, { durationS: 2, pictures: false });
    const { manifest } = await publish(await clip('silent.mp4', { durationS: 2, sound: false }), { sounds });
    expect(mainSoundOf(manifest)).toMatchObject({ label: 'audio/de', language: 'de', role: 'main' });
    expect(partOf(manifest, 'audio/fr')).toMatchObject({ role: 'dub' });
  });

  test('shows in each preview what is on the screen at its time', async () => {
    const file = await clip('previews.mp4', { durationS: 10, pictureTimes: [0, 3, 9], sound: false });
    const { published, manifest } = await publish(file);
    const { previews } = manifest;
    const [sheet] = previews?.sheets ?? [];
    if (previews === null || sheet === undefined) throw new Error('no previews');
    expect(previews).toMatchObject({ width: 240, height: 135, columns: 5, rows: 1, intervalMs: 2_000 });
    const previewKey = derivePreviewKey(published.seed, published.id);
    const sealed = new Uint8Array(await readFile(content.path(sheet.hash)));
    const jpeg = await openPreview({ previewKey, programme: published.id, sheet: 0, previews, sealed, suite });
    const small = await decodeJpeg(jpeg, previews.width);
    // At 0 and 2 s the first picture, at 4, 6 and 8 s the second.
    expect([0, 1, 2, 3, 4].map((at) => small[at]?.equals(small[at < 2 ? 0 : 2] ?? Buffer.alloc(0)))).toEqual(
      new Array(5).fill(true),
    );
    expect(small[0]?.equals(small[2] ?? Buffer.alloc(0))).toBe(false);
  });
});

/** The brightness of each picture on a sheet of one row. */
async function decodeJpeg(jpeg: Uint8Array, width: number): Promise<Buffer[]> {
  const codec = Codec.findDecoderByName(FF_DECODER_MJPEG);
  if (codec === null) throw new Error('no JPEG decoder');
  const context = new CodecContext();
  context.allocContext3(codec);
  const [packet, frame] = [new Packet(), new Frame()];
  packet.alloc();
  frame.alloc();
  try {
    FFmpegError.throwIfError(await context.open2(codec), 'open the JPEG decoder');
    packet.data = Buffer.from(jpeg);
    FFmpegError.throwIfError(await context.sendPacket(packet), 'decode');
    FFmpegError.throwIfError(await context.receiveFrame(frame), 'decode');
    const luma = frame.data?.[0] ?? Buffer.alloc(0);
    const stride = frame.linesize[0] ?? 0;
    return Array.from({ length: frame.width / width }, (_, at) =>
      Buffer.concat(
        Array.from({ length: frame.height }, (__, y) =>
          luma.subarray(y * stride + at * width, y * stride + (at + 1) * width),
        ),
      ),
    );
  } finally {
    frame.free();
    packet.free();
    context.freeContext();
  }
}

describe('what is wrong with a track is told before anything is encoded, and leaves nothing behind', () => {
  const stored = async (): Promise<string[]> =>
    (await readdir(join(config.dataDir, 'content'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort();

  const dub = (file: string) => [{ file, language: 'de', name: '', role: 'dub' as const }];
  const captions = (file: string) => [{ file, language: 'de', name: '', role: 'captions' as const }];

  const refusals: readonly (readonly [string, string, () => Promise<Partial<PublishOptions>>])[] = [
    ['sound that is not there', 'publish/unreadable', async () => ({ sounds: dub(join(folder, 'nowhere.mp3')) })],
    [
      'sound that is no media',
      'publish/not-media',
      async () => ({ sounds: dub(await words('letter.wav', 'Dear customer')) }),
    ],
    [
      'pictures in place of sound',
      'publish/no-sound',
      async () => ({ sounds: dub(await clip('mute.mp4', { durationS: 1, sound: false })) }),
    ],
    [
      'captions out of order',
      'publish/vtt-order',
      async () => ({
        captions: captions(
          await words('order.vtt', '00:01.000 --> 00:02.000', 'a', '', '00:00.000 --> 00:01.000', 'b'),
        ),
      }),
    ],
    [
      'captions of another film',
      'publish/vtt-times',
      async () => ({ captions: captions(await words('other.vtt', '09:01.000 --> 09:02.000', 'a')) }),
    ],
    [
      'chapters with markup',
      'publish/vtt-malformed',
      async () => ({ chapters: await words('bold.vtt', '00:00.000 --> 00:01.000', '<b>a</b>') }),
    ],
    [
      'a language that is none',
      'request/malformed',
      async () => ({
        captions: [{ ...captions('a.vtt')[0], file: 'a.vtt', language: 'x', name: '', role: 'captions' as const }],
      }),
    ],
    [
      'a name of two lines',
      'request/malformed',
      async () => ({ sounds: [{ file: 'a.mp3', language: 'de', name: 'a\nb', role: 'dub' as const }] }),
    ],
    [
      'more sounds than a menu',
      'publish/too-many-tracks',
      async () => ({ sounds: new Array(PUBLISH_LIMITS.extraSounds + 1).fill(dub('a.mp3')[0]) }),
    ],
    [
      'more captions than a menu',
      'publish/too-many-tracks',
      async () => ({ captions: new Array(PUBLISH_LIMITS.captions + 1).fill(captions('a.vtt')[0]) }),
    ],
  ];

  test.each(refusals)('%s: %s', async (_, code, options) => {
    const file = await clip('plain.mp4', { durationS: 2 });
    const given = await options();
    const before = await stored();
    let encoding = false;
    const onProgress = ({ phase }: { readonly phase: string }): void => {
      encoding ||= phase === 'encode';
    };
    expect(await codeOf(publish(file, { ...given, onProgress }))).toBe(code);
    expect([await stored(), encoding]).toEqual([before, false]);
  });

  test('many tracks on the longest programme: publish/too-many-tracks, for no manifest would hold them', async () => {
    const file = await clip('long.mkv', {
      container: 'mkv',
      durationS: 10_790,
      pictureTimes: [0, 10_789],
      sound: false,
    });
    const many = { sounds: new Array(8).fill(dub('a.mp3')[0]), captions: new Array(16).fill(captions('a.vtt')[0]) };
    expect(await codeOf(publish(file, many))).toBe('publish/too-many-tracks');
  });
});

describe('names of tracks', () => {
  test('give each its own label, whatever is alike', () => {
    const tracks = [
      { language: 'pt-BR', role: 'dub' },
      { language: 'pt-br', role: 'dub' },
      { language: 'pt-BR', role: 'commentary' },
    ];
    expect(labelTracks('audio', tracks, 'dub')).toEqual([
      ...['audio/pt-br', 'audio/pt-br-2', 'audio/pt-br-commentary'],
    ]);
  });

  test.each([
    ['und', ''],
    ['eng', 'en'],
    ['deu', 'de'],
    ['pt-BR', 'pt-BR'],
    ['', ''],
    ['???', ''],
  ])('read the language “%s” of a container as “%s”', (code, language) => expect(languageOf(code)).toBe(language));
});

describe('the form of previews', () => {
  test.each([
    [{ width: 1920, height: 1080 }, 72_000, { width: 240, height: 135, columns: 8, rows: 5, intervalMs: 2_000 }],
    [{ width: 1080, height: 1920 }, 1, { width: 77, height: 136, columns: 1, rows: 1, intervalMs: 2_000 }],
    [{ width: 64, height: 48 }, 2_001, { width: 64, height: 48, columns: 2, rows: 1, intervalMs: 2_000 }],
    [{ width: 5_000, height: 2 }, 4_000, { width: 240, height: 1, columns: 2, rows: 1, intervalMs: 2_000 }],
    [{ width: 1920, height: 1080 }, 10_800_000, { width: 240, height: 135, columns: 8, rows: 8, intervalMs: 22_000 }],
  ])('of %o over %i ms is %o', (size, durationMs, form) => expect(previewForm(size, durationMs)).toEqual(form));
});
