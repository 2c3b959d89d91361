// Publishes a small programme for tests: a real manifest with real commitments and a signed programme, whose segments are
// noise: the provider's side never looks into them.

import { randomBytes } from 'node:crypto';
import { concatBytes } from '../../src/protocol/bytes.ts';
import type { ContractTerms } from '../../src/protocol/contract-terms.ts';
import { makeProgrammeId, type ProgrammeId } from '../../src/protocol/ids.ts';
import type { LiveTerms } from '../../src/protocol/live-terms.ts';
import { encodeManifest } from '../../src/protocol/manifest.ts';
import { commitFrameKey } from '../../src/protocol/parts.ts';
import { type OutputMode, signProgramme } from '../../src/protocol/programme.ts';
import { sequenceFunction } from '../../src/protocol/sequence/sequence.ts';
import { directRegistry } from '../catalogue/direct-registry.ts';
import type { ProgrammeSequence, PublishedProgramme } from '../catalogue/registry.ts';
import type { Provider } from '../provider.ts';

/** What a test may choose. */
export type TestProgramme = {
  readonly title?: string;
  readonly frameCount?: number;
  readonly priceMinor?: number;
  readonly sequence?: ProgrammeSequence;
  readonly modes?: readonly OutputMode[];
  /** What it promises of its delivery; every frame then has a piece of its own. */
  readonly contract?: ContractTerms;
  /** A live one, of which nothing is out yet. */
  readonly live?: LiveTerms;
  /** For how long it may be kept, ms. */
  readonly offlineMs?: number;
};

const FRAME_DURATION_MS = 2_000;

/** Stores the content and describes the programme, ready for a registry. */
export async function makeTestProgramme(provider: Provider, chosen: TestProgramme = {}): Promise<PublishedProgramme> {
  const { title = 'Test pictures', frameCount = 10, priceMinor = 20, sequence = 'tree', modes = ['display'] } = chosen;
  const id = makeProgrammeId(provider.random);
  const seed = new Uint8Array(randomBytes(32));
  const keys = Array.from({ length: frameCount }, (_, frame) => sequenceFunction(sequence).keyAt(seed, frame));
  const poster = await provider.content.put(randomBytes(64));
  const playlist = await provider.content.put(randomBytes(32));
  const sheet = await provider.content.put(randomBytes(64));
  const segments = await Promise.all(
    Array.from({ length: chosen.contract === undefined ? 1 : frameCount }, () =>
      provider.content.put(randomBytes(128)),
    ),
  );
  const manifest = await provider.content.put(
    encodeManifest({
      programme: id,
      frameCount,
      frameDurationMs: FRAME_DURATION_MS,
      durationMs: frameCount * FRAME_DURATION_MS,
      parts: [
        {
          label: 'video/360p',
          kind: 'video',
          codec: 'avc1.64001e',
          bitrate: 800_000,
          width: 640,
          height: 360,
          pictureRate: 30_000,
          init: new Uint8Array([1]),
          segments: chosen.live ? [] : Array.from({ length: frameCount }, (_, frame) => segments[frame] ?? null),
        },
      ],
      commitments: concatBytes(
        ...(chosen.live ? [] : keys).map((frameKey, frame) => commitFrameKey(id, frame, frameKey)),
      ),
      poster: poster.hash,
      playlists: new Map([['main.m3u8', playlist.hash]]),
      chapters: [],
      // So far apart that one sheet is enough for any length.
      previews: { width: 4, height: 4, columns: 16, rows: 16, intervalMs: 600_000, sheets: [sheet] },
    }),
  );
  const terms = { title, frameCount, frameDurationMs: FRAME_DURATION_MS, sequence, currency: 'EUR' };
  const programmeBytes = await signProgramme({
    signer: provider.keys.provider,
    issuedAt: provider.clock(),
    programme: {
      ...terms,
      programme: id,
      priceMinor: BigInt(priceMinor),
      modes,
      replay: 'session',
      manifest: manifest.hash,
      contract: chosen.contract ?? null,
      live: chosen.live ?? null,
      offlineMs: chosen.offlineMs ?? null,
    },
  });
  return {
    ...terms,
    id,
    programmeBytes,
    manifestHash: manifest.hash,
    posterHash: poster.hash,
    seed,
    durationMs: frameCount * FRAME_DURATION_MS,
    priceMinor,
    rungs: ['360p'],
    modes,
    files: [poster, playlist, sheet, ...segments, manifest],
  };
}

/** Publishes one and answers its id. */
export async function publishTestProgramme(provider: Provider, chosen: TestProgramme = {}): Promise<ProgrammeId> {
  const programme = await makeTestProgramme(provider, chosen);
  await directRegistry(provider).add(programme);
  return programme.id;
}
