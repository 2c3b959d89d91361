// The rungs of a published programme as they were encoded, before sealing: opened with the provider's own seed from its own folder. What
// the peers play is made of these, so that all play the same bits. Runs while no provider has the folder.
import { readFile } from 'node:fs/promises';
import { findProgramme, listProgrammes } from '../../../server-mock/catalogue/programmes.ts';
import { openSeed } from '../../../server-mock/catalogue/seed-wrap.ts';
import { configFromEnvironment } from '../../../server-mock/config.ts';
import { openProvider } from '../../../server-mock/provider.ts';
import { decodeManifest, type Manifest, mainSoundOf } from '../../../src/protocol/manifest.ts';
import { openPart } from '../../../src/protocol/parts.ts';
import { sequenceFunction } from '../../../src/protocol/sequence/sequence.ts';

/** One part with its clear segments; null where a slot has nothing. */
export type ClearPart = {
  readonly kind: 'video' | 'audio';
  readonly label: string;
  readonly codec: string;
  /** Bits a second, on average. */
  readonly bitrate: number;
  /** 0 for sound. */
  readonly width: number;
  readonly height: number;
  readonly init: Uint8Array;
  readonly segments: readonly (Uint8Array | null)[];
};

/** A programme in the clear: its rungs, lowest first, and its main sound. */
export type ClearProgramme = {
  readonly id: string;
  readonly durationMs: number;
  readonly frameDurationMs: number;
  readonly rungs: readonly ClearPart[];
  readonly sound: ClearPart;
};

/** Opens the programme of this title. Throws where there is none. */
export async function openClearProgramme(dataDir: string, title: string): Promise<ClearProgramme> {
  const provider = await openProvider(configFromEnvironment({ FAREBOX_DATA: dataDir }));
  try {
    const { queries } = provider.database;
    const summary = (await listProgrammes(queries)).find((programme) => programme.title === title);
    if (summary === undefined) throw new Error(`the provider has no ${title}`);
    const programme = await findProgramme(queries, summary.id);
    const wrap = { suite: provider.suite, storageKey: provider.keys.storageKey };
    const seed = await openSeed(wrap, programme.id, programme.wrappedSeed);
    const manifest = decodeManifest(await readFile(provider.content.path(programme.manifestHash)));
    const { keyAt } = sequenceFunction(programme.sequence);
    const openSlot = async (part: MediaPart, frame: number): Promise<Uint8Array | null> => {
      const segment = part.segments[frame];
      if (segment === null || segment === undefined) return null;
      const sealed = new Uint8Array(await readFile(provider.content.path(segment.hash)));
      const place = { frameKey: keyAt(seed, frame), programme: programme.id, label: part.label, frame };
      return openPart({ ...place, sealed, sizeBytes: segment.sizeBytes, suite: provider.suite });
    };
    const openWhole = async (part: MediaPart): Promise<ClearPart> => {
      const segments: (Uint8Array | null)[] = [];
      for (let frame = 0; frame < manifest.frameCount; frame += 1) segments.push(await openSlot(part, frame));
      const { kind, label, codec, bitrate, init } = part;
      const size = part.kind === 'video' ? { width: part.width, height: part.height } : { width: 0, height: 0 };
      return { kind, label, codec, bitrate, ...size, init, segments };
    };
    const media = manifest.parts.filter(isMedia);
    const rungs = await Promise.all(media.filter(({ kind }) => kind === 'video').map(openWhole));
    const sound = mainSoundOf(manifest);
    if (sound === null) throw new Error(`${title} has no sound`);
    const { durationMs, frameDurationMs } = manifest;
    const lowestFirst = rungs.toSorted((a, b) => a.bitrate - b.bitrate);
    return { id: programme.id, durationMs, frameDurationMs, rungs: lowestFirst, sound: await openWhole(sound) };
  } finally {
    await provider.database.close();
  }
}

type MediaPart = Extract<Manifest['parts'][number], { kind: 'video' | 'audio' }>;

const isMedia = (part: Manifest['parts'][number]): part is MediaPart => part.kind === 'video' || part.kind === 'audio';
