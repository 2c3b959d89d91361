// The publisher whole: small clips through the real decoders, encoders, seals and content store, in a folder of their own.

import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BufferSource, EncodedPacketSink, Input, MP4 } from 'mediabunny';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeManifest, type Manifest, type ManifestPart, verifyFrameKey } from '../../src/protocol/manifest.ts';
import { openPart } from '../../src/protocol/parts.ts';
import { sequenceFunction } from '../../src/protocol/sequence/sequence.ts';
import { signerFromSecret } from '../../src/protocol/suite/secret-signer.ts';
import { webCryptoSuite } from '../../src/protocol/suite/webcrypto.ts';
import type { ProgrammeRegistry, PublishedProgramme } from '../catalogue/registry.ts';
import { configFromEnvironment, type ProviderConfig } from '../config.ts';
import { type ContentStore, openContentStore } from '../content/store.ts';
import { type PublishOptions, type PublishProgress, publishFile } from './publish.ts';
import { checkSpace } from './space.ts';
import { type ClipOptions, makeClip } from './test-clip.ts';

const signer = signerFromSecret(randomBytes(32));
let folder: string;
let config: ProviderConfig;
let content: ContentStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farebox-publisher-'));
  config = configFromEnvironment({ FAREBOX_DATA: join(folder, 'data') });
  content = await openContentStore(config.dataDir);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A catalogue in memory: what was added, with a copy of the seed, which the publisher erases. */
function makeRegistry(): ProgrammeRegistry & { readonly added: PublishedProgramme[] } {
  const added: PublishedProgramme[] = [];
  return {
    added,
    add: async (programme) => void added.push({ ...programme, seed: Uint8Array.from(programme.seed) }),
    list: async () => [],
    remove: async () => undefined,
    removeUnlisted: async (hashes) => {
      const listed = new Set(added.flatMap(({ files }) => files.map(({ hash }) => hash)));
      for (const hash of hashes) if (!listed.has(hash)) await content.remove(hash);
    },
  };
}

const clip = async (name: string, options: Omit<ClipOptions, 'file'> = {}): Promise<string> => {
  const file = join(folder, name);
  await makeClip({ file, ...options });
  return file;
};

async function publish(
  file: string,
  options: Partial<PublishOptions> = {},
): Promise<{ published: PublishedProgramme; manifest: Manifest }> {
  const registry = makeRegistry();
  await publishFile({ file, title: 'A clip', config, signer, content, registry, ...options });
  const [published] = registry.added;
  if (published === undefined) throw new Error('nothing was listed');
  return { published, manifest: decodeManifest(await readFile(content.path(published.manifestHash))) };
}

/** The part in one slot, opened with the programme's own keys and read back: packet times in seconds. */
async function openSlot(published: PublishedProgramme, manifest: Manifest, part: ManifestPart, frame: number) {
  const segment = part.segments[frame];
  if (segment === null || segment === undefined) return null;
  const frameKey = sequenceFunction(published.sequence).keyAt(published.seed, frame);
  verifyFrameKey(manifest, frame, frameKey);
  const sealed = new Uint8Array(await readFile(content.path(segment.hash)));
  const place = { frameKey, programme: manifest.programme, label: part.label, frame };
  const clear = await openPart({ ...place, sealed, sizeBytes: segment.sizeBytes, suite: webCryptoSuite });
  const input = new Input({ source: new BufferSource(concatBytes(part.init, clear)), formats: [MP4] });
  const [track] = await input.getTracks();
  if (track === undefined) throw new Error('the slot has no track');
  const times: number[] = [];
  const types: string[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) {
    times.push(packet.timestamp);
    types.push(packet.type);
  }
  const codec = await track.getCodecParameterString();
  input.dispose();
  return { times, types, codec };
}

const partOf = (manifest: Manifest, label: string): ManifestPart => {
  const part = manifest.parts.find((known) => known.label === label);
  if (part === undefined) throw new Error(`no part ${label}`);
  return part;
};

/** Every file under the content store. */
const stored = async (): Promise<string[]> =>
  (await readdir(join(config.dataDir, 'content'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();

async function refusal(work: Promise<unknown>): Promise<FareboxError> {
  const thrown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(thrown instanceof FareboxError)) throw new Error(`expected a coded error, got ${String(thrown)}`);
  return thrown;
}

describe('a whole clip', () => {
  test.each(['mp4', 'mov', 'mkv', 'webm'] as const)(
    'BT-1: every part of a %s opens with its frame key and starts in its slot',
    async (container) => {
      const file = await clip(`whole.${container}`, { container, width: 640, height: 360, durationS: 5 });
      const { published, manifest } = await publish(file, container === 'mkv' ? { sequence: 'hkdf' } : {});
      expect(manifest.frameCount).toBe(3);
      expect(manifest.parts.map((part) => part.label)).toEqual(['video/360p', 'audio/main']);
      for (const part of manifest.parts) {
        for (let frame = 0; frame < manifest.frameCount; frame++) {
          const slot = await openSlot(published, manifest, part, frame);
          const [first = -1] = slot?.times ?? [];
          expect(slot?.codec).toBe(part.codec);
          expect(first - 2 * frame).toBeGreaterThanOrEqual(0);
          expect(first - 2 * frame).toBeLessThan(part.kind === 'video' ? 0.001 : 0.022);
          expect(slot?.times.at(-1)).toBeLessThan(2 * frame + 2);
          expect(slot?.types[0]).toBe('key');
          if (part.kind === 'video') expect(slot?.types.filter((type) => type === 'key')).toHaveLength(1);
        }
      }
    },
  );

  test('BT-1: the picture rate, the length and the number of pictures survive', async () => {
    const { published, manifest } = await publish(await clip('counted.mp4', { durationS: 4 }));
    const part = partOf(manifest, 'video/180p');
    const slots = await Promise.all([0, 1].map((frame) => openSlot(published, manifest, part, frame)));
    expect(slots.flatMap((slot) => slot?.times ?? [])).toHaveLength(120);
    expect(manifest.durationMs).toBe(4000);
    expect(part.kind === 'video' && part.pictureRate).toBe(30_000);
  });

  test('BT-1: playlists name the sealed segments by content address', async () => {
    const { manifest } = await publish(await clip('playlists.mp4', { durationS: 3 }));
    const hash = manifest.playlists.get('video-180p.m3u8');
    if (hash === undefined) throw new Error('no playlist');
    const lines = (await readFile(content.path(hash), 'utf8')).split('\n');
    const segments = partOf(manifest, 'video/180p').segments.map((segment) => `/content/${segment?.hash}`);
    expect(lines.filter((line) => line.startsWith('/content/'))).toEqual(segments);
    expect([...manifest.playlists.keys()]).toContain('master.m3u8');
  });

  test('BT-1: the poster is a JPEG and progress ends with everything done', async () => {
    const seen: PublishProgress[] = [];
    const { published } = await publish(await clip('poster.mp4', { durationS: 2 }), {
      onProgress: (step) => seen.push(step),
    });
    const poster = await readFile(content.path(published.posterHash));
    expect([...poster.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    expect(seen.at(-1)).toEqual({ phase: 'finish', ratio: 1 });
    expect(seen.filter((step) => step.phase === 'encode').every((step) => step.ratio >= 0 && step.ratio <= 1)).toBe(
      true,
    );
  });
});

describe('unusual clips', () => {
  test('BT-1: a silent clip has no sound part', async () => {
    const { manifest } = await publish(await clip('silent.mp4', { durationS: 2, sound: false }));
    expect(manifest.parts.map((part) => part.kind)).toEqual(['video']);
  });

  test('BT-1: slots before the sound begins and after it ends have none', async () => {
    const { published, manifest } = await publish(
      await clip('late.mkv', { container: 'mkv', durationS: 8, sound: [3, 5] }),
    );
    const sound = partOf(manifest, 'audio/main');
    expect(sound.segments.map((segment) => segment !== null)).toEqual([false, true, true, false]);
    const [first = 0] = (await openSlot(published, manifest, sound, 1))?.times ?? [];
    expect(Math.abs(first - 3)).toBeLessThan(0.03);
  });

  test('BT-1: sound that outlasts the pictures is kept, with the last picture held', async () => {
    const { published, manifest } = await publish(await clip('outlast.mp4', { durationS: 2, sound: [0, 5] }));
    expect(manifest.frameCount).toBe(3);
    const slot = await openSlot(published, manifest, partOf(manifest, 'video/180p'), 2);
    expect(slot?.times).toEqual([4]);
  });

  test('BT-1: pictures at a varying rate keep their times and every slot begins at once', async () => {
    const pictureTimes = [0, 0.1, 0.5, 1.9, 5.3, 5.4];
    const { published, manifest } = await publish(
      await clip('varying.mp4', { durationS: 6, pictureTimes, sound: false }),
    );
    const part = partOf(manifest, 'video/180p');
    const slots = await Promise.all([0, 1, 2].map((frame) => openSlot(published, manifest, part, frame)));
    expect(slots.map((slot) => slot?.times.map((time) => Number(time.toFixed(3))))).toEqual([
      [0, 0.1, 0.5, 1.9],
      [2],
      [4, 5.3, 5.4],
    ]);
  });

  test.each<[string, Omit<ClipOptions, 'file'>, { frames: number; pictures: number }]>([
    ['one picture a second', { durationS: 5, pictureTimes: [0, 1, 2, 3, 4] }, { frames: 3, pictures: 5 }],
    [
      '120 pictures a second, of which every second one is kept',
      { durationS: 1, pictureTimes: Array.from({ length: 120 }, (_, index) => index / 120) },
      { frames: 1, pictures: 60 },
    ],
    [
      'pictures and sound that begin at five seconds',
      { durationS: 8, container: 'mkv', pictureTimes: [5, 5.5, 6, 6.5, 7, 7.5], sound: [5, 8] },
      { frames: 2, pictures: 6 },
    ],
    ['a single picture', { durationS: 0.04, pictureTimes: [0], sound: false }, { frames: 1, pictures: 1 }],
  ])('BT-1: a clip of %s is published from its first picture on', async (what, options, expected) => {
    const { published, manifest } = await publish(await clip(`${what}.${options.container ?? 'mp4'}`, options));
    const [part] = manifest.parts;
    if (part?.kind !== 'video') throw new Error('no pictures');
    const slots = await Promise.all(part.segments.map((_, frame) => openSlot(published, manifest, part, frame)));
    expect(slots).toHaveLength(expected.frames);
    expect(slots.flatMap((slot) => slot?.times ?? [])).toHaveLength(expected.pictures);
    expect(slots[0]?.times[0]).toBe(0);
  });

  test('BT-1: a turned clip is published upright', async () => {
    const { manifest } = await publish(await clip('turned.mp4', { durationS: 1, rotation: 90, sound: false }));
    const [part] = manifest.parts;
    expect(part?.kind === 'video' && [part.width, part.height]).toEqual([180, 320]);
  });
});

describe('refusals leave nothing behind', () => {
  const refused = async (file: string, options: Partial<PublishOptions> = {}): Promise<FareboxError> => {
    const before = await stored();
    const error = await refusal(publish(file, options));
    expect(await stored()).toEqual(before);
    return error;
  };

  test('a file that is not media is refused as such', async () => {
    const file = join(folder, 'letter.mp4');
    await writeFile(file, 'Dear customer,'.repeat(300));
    expect((await refused(file)).code).toBe('publish/not-media');
  });

  test('a file that is not there is unreadable', async () => {
    expect((await refused(join(folder, 'nowhere.mp4'))).code).toBe('publish/unreadable');
  });

  test('a file without pictures is refused as such', async () => {
    expect((await refused(await clip('song.mp4', { pictures: false }))).code).toBe('publish/no-video');
  });

  test.each(['mp4', 'mp4-index-last', 'mkv', 'webm'] as const)(
    'a %s that was cut short is refused as such',
    async (container) => {
      const file = await clip(`cut.${container}`, { container, durationS: 6 });
      await truncate(file, Math.floor((await stat(file)).size * 0.5));
      expect((await refused(file)).code).toBe('publish/cut-short');
    },
  );

  test('a clip beyond the longest programme is refused before anything is encoded', async () => {
    const file = await clip('long.mkv', {
      container: 'mkv',
      durationS: 10_802,
      pictureTimes: [0, 10_801],
      sound: false,
    });
    expect((await refused(file)).code).toBe('publish/too-long');
  });

  test('a title that does not fit a ticket is refused', async () => {
    expect((await refused(await clip('titled.mp4', { durationS: 1 }), { title: 'a'.repeat(201) })).code).toBe(
      'request/malformed',
    );
  });

  test('an abort in the middle of the encoding is said and undone', async () => {
    const abort = new AbortController();
    const onProgress = ({ phase, ratio }: PublishProgress): void => {
      if (phase === 'encode' && ratio > 0.5) abort.abort();
    };
    const error = await refused(await clip('aborted.mp4', { durationS: 6 }), { signal: abort.signal, onProgress });
    expect([error.code, error.detail]).toEqual(['publish/failed', { reason: 'aborted' }]);
  });

  test('a disk that fills up on the way is said and undone', async () => {
    let puts = 0;
    const full: ContentStore = {
      ...content,
      put: async (bytes) => {
        puts += 1;
        if (puts > 3) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return await content.put(bytes);
      },
    };
    expect((await refused(await clip('full.mp4', { durationS: 6 }), { content: full })).code).toBe('publish/no-space');
    expect(puts).toBeGreaterThan(3);
  });

  test('a disk that is too full from the start is said before anything is encoded', async () => {
    expect((await refusal(checkSpace(folder, Number.MAX_SAFE_INTEGER))).code).toBe('publish/no-space');
  });

  test('a programme the catalogue refuses is taken back', async () => {
    const registry: ProgrammeRegistry = {
      ...makeRegistry(),
      add: () => Promise.reject(new FareboxError('publish/exists')),
    };
    expect((await refused(await clip('exists.mp4', { durationS: 1 }), { registry })).code).toBe('publish/exists');
  });

  test('a programme that is taken back leaves the files that another one, listed meanwhile, shares with it', async () => {
    const file = await clip('shared.mp4', { durationS: 1 });
    const registry = makeRegistry();
    const late: ProgrammeRegistry = {
      ...registry,
      add: async () => {
        await publishFile({ file, title: 'Faster', config, signer, content, registry });
        throw new FareboxError('publish/exists');
      },
    };
    const slower = publish(file, { registry: late });
    expect((await refusal(slower)).code).toBe('publish/exists');
    const [faster] = registry.added;
    expect(faster?.files.length).toBeGreaterThan(0);
    for (const { hash, sizeBytes } of faster?.files ?? []) expect(await content.sizeOf(hash)).toBe(sizeBytes);
  });

  test('a programme that was listed though the answer was lost stays whole', async () => {
    const registry = makeRegistry();
    const lost: ProgrammeRegistry = {
      ...registry,
      add: async (programme) => {
        await registry.add(programme);
        throw new FareboxError('network/timeout');
      },
      list: async () =>
        registry.added.map((programme) => ({
          ...programme,
          live: null,
          offlineMs: null,
          sizeBytes: 0,
          publishedTime: 0,
        })),
    };
    await publishFile({
      file: await clip('lost.mp4', { durationS: 1 }),
      title: 'A clip',
      config,
      signer,
      content,
      registry: lost,
    });
    for (const file of registry.added[0]?.files ?? []) expect(await content.sizeOf(file.hash)).toBe(file.sizeBytes);
    expect(registry.added).toHaveLength(1);
  });
});
