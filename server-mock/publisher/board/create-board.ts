// A new whiteboard (docs/protocol.md §22): manifest, poster, programme, catalogue. Called by `farebox board create`; what is drawn on it
// board-desk.ts publishes.

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { makeProgrammeId, type ProgrammeId } from '../../../src/protocol/ids.ts';
import { encodeManifest, type ManifestPart } from '../../../src/protocol/manifest.ts';
import { signProgramme } from '../../../src/protocol/programme.ts';
import { STROKES_CODEC, STROKES_LABEL } from '../../../src/protocol/strokes.ts';
import type { Signer } from '../../../src/protocol/suite/signer.ts';
import type { ProgrammeRegistry } from '../../catalogue/registry.ts';
import type { ContentStore } from '../../content/store.ts';
import { makeStaging } from '../staging.ts';
import { BOARD_LIMITS } from './limits.ts';

const SEED_BYTES = 32;
/** Drawn once for all boards; nobody has drawn on a new one. */
const POSTER = new URL('./poster.jpg', import.meta.url);

/** What a new board is. */
export type NewBoard = {
  readonly title: string;
  readonly currency: string;
  /** Price of a stroke. */
  readonly priceMinor: number;
  /** When its clock begins, ms since 1970. */
  readonly startTime: number;
};

/** With what. */
export type BoardTools = {
  readonly registry: ProgrammeRegistry;
  readonly content: ContentStore;
  readonly signer: Signer;
};

/** Puts a board with nothing on it into the catalogue; durable on return. After a failure nothing is left. @throws what the registry and the content store throw. */
export async function createBoard({ registry, content, signer }: BoardTools, made: NewBoard): Promise<ProgrammeId> {
  const { title, currency, priceMinor, startTime } = made;
  const { strokes: frameCount, longestMs: frameDurationMs, width, height } = BOARD_LIMITS;
  const programme = makeProgrammeId(randomBytes);
  const seed = new Uint8Array(randomBytes(SEED_BYTES));
  const staging = makeStaging(content, registry);
  const durationMs = frameCount * frameDurationMs;
  const part: ManifestPart = {
    ...{ kind: 'strokes', label: STROKES_LABEL, codec: STROKES_CODEC, bitrate: 1, init: new Uint8Array(0) },
    ...{ segments: [], width, height },
  };
  const sequence = 'tree';
  const modes = ['display'] as const;
  try {
    const { hash: poster } = await staging.putClear(Uint8Array.from(await readFile(POSTER)));
    const measures = { programme, frameCount, frameDurationMs, durationMs, parts: [part], poster };
    const nothing = { commitments: new Uint8Array(0), playlists: new Map(), chapters: [], previews: null };
    const { hash: manifest } = await staging.put(encodeManifest({ ...measures, ...nothing }));
    const offered = { title, frameCount, frameDurationMs, sequence, currency, modes } as const;
    // The whole board is on sale: what was drawn before explains what is drawn now.
    const live = { startTime, windowFrames: frameCount };
    const terms = { priceMinor: BigInt(priceMinor), replay: 'session', live, board: true } as const;
    const programmeBytes = await signProgramme({
      signer,
      issuedAt: startTime,
      programme: { ...offered, ...terms, programme, manifest },
    });
    await registry.add({
      ...{ ...offered, id: programme, programmeBytes, manifestHash: manifest, posterHash: poster, seed, durationMs },
      ...{ priceMinor, rungs: ['board'], files: staging.files() },
    });
  } catch (cause) {
    await staging.discard();
    throw cause;
  } finally {
    seed.fill(0);
  }
  return programme;
}
