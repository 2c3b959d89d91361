// Publishes a small programme for tests: a real manifest with real commitments and a signed programme, whose one segment
// is noise: the provider's side never looks into it.

import { randomBytes } from 'node:crypto';
import { concatBytes } from '../../src/protocol/bytes.ts';
import { makeProgrammeId, type ProgrammeId } from '../../src/protocol/ids.ts';
import { encodeManifest } from '../../src/protocol/manifest.ts';
import { commitFrameKey } from '../../src/protocol/parts.ts';
import { signProgramme } from '../../src/protocol/programme.ts';
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
};

const FRAME_DURATION_MS = 2_000;

/** Stores the content and describes the programme, ready for a registry. */
export async function makeTestProgramme(provider: Provider, chosen: TestProgramme = {}): Promise<PublishedProgramme> {
  const { title = 'Test pictures', frameCount = 10, priceMinor = 20, sequence = 'tree' } = chosen;
  const id = makeProgrammeId(provider.random);
  const seed = new Uint8Array(randomBytes(32));
  const keys = Array.from({ length: frameCount }, (_, frame) => sequenceFunction(sequence).keyAt(seed, frame));
  const poster = await provider.content.put(randomBytes(64));
  const playlist = await provider.content.put(randomBytes(32));
  const segment = await provider.content.put(randomBytes(128));
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
          segments: Array.from({ length: frameCount }, (_, frame) => (frame === 0 ? segment : null)),
        },
      ],
      commitments: concatBytes(...keys.map((frameKey, frame) => commitFrameKey(id, frame, frameKey))),
      poster: poster.hash,
      playlists: new Map([['main.m3u8', playlist.hash]]),
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
      modes: ['display'],
      replay: 'session',
      manifest: manifest.hash,
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
    files: [poster, playlist, segment, manifest],
  };
}

/** Publishes one and answers its id. */
export async function publishTestProgramme(provider: Provider, chosen: TestProgramme = {}): Promise<ProgrammeId> {
  const programme = await makeTestProgramme(provider, chosen);
  await directRegistry(provider).add(programme);
  return programme.id;
}
