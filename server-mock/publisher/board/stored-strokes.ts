// The strokes of boards as the provider accepted them, in its database: which number has which stroke, and when it began. Clear strokes are
// sealed at rest under the storage key. Called by board-desk.ts alone.

import { and, asc, desc, eq, gte } from 'drizzle-orm';
import { concatBytes, utf8 } from '../../../src/protocol/bytes.ts';
import { FareboxError } from '../../../src/protocol/errors.ts';
import { hashObject, type ProgrammeId } from '../../../src/protocol/ids.ts';
import type { Queries } from '../../db/open.ts';
import { boardStrokes } from '../../db/schema.ts';
import type { Provider } from '../../provider.ts';

const NONCE_BYTES = 12;

/** One stroke that was accepted. */
export type StoredStroke = {
  readonly number: number;
  /** Milliseconds since the board's start. */
  readonly beganMs: number;
  /** Clear bytes (strokes.ts). */
  readonly stroke: Uint8Array;
};

/** Where the next stroke goes. */
export type BoardPlace = {
  /** Its number. */
  readonly next: number;
  /** When the newest began, ms since the board's start; −1 before the first. */
  readonly newestBeganMs: number;
};

/** What sealing at rest needs. */
export type AtRest = Pick<Provider, 'suite' | 'keys' | 'random'>;

/** Seals a stroke for the database: nonce (12 bytes) ‖ ciphertext and tag. */
async function seal({ suite, keys, random }: AtRest, board: ProgrammeId, number: number, stroke: Uint8Array) {
  const nonce = random(NONCE_BYTES);
  const key = await suite.importAesKey(keys.storageKey);
  return concatBytes(nonce, await suite.aesGcmSeal(key, nonce, boundTo(board, number), stroke));
}

async function open({ suite, keys }: AtRest, board: ProgrammeId, number: number, wrapped: Uint8Array) {
  const key = await suite.importAesKey(keys.storageKey);
  const nonce = wrapped.subarray(0, NONCE_BYTES);
  try {
    return await suite.aesGcmOpen(key, nonce, boundTo(board, number), wrapped.subarray(NONCE_BYTES));
  } catch (cause) {
    throw new FareboxError('server/internal', { board, number }, { cause });
  }
}

function boundTo(board: ProgrammeId, number: number): Uint8Array {
  return utf8(`farebox/1 stroke at rest ${board} ${number}`);
}

/** The place behind all that was accepted. */
export async function placeOf(queries: Queries, board: ProgrammeId): Promise<BoardPlace> {
  const [newest] = await queries
    .select({ number: boardStrokes.number, beganMs: boardStrokes.beganMs })
    .from(boardStrokes)
    .where(eq(boardStrokes.programmeId, board))
    .orderBy(desc(boardStrokes.number))
    .limit(1);
  return newest === undefined
    ? { next: 0, newestBeganMs: -1 }
    : { next: newest.number + 1, newestBeganMs: newest.beganMs };
}

/** Keeps a stroke under its number; durable with the caller's transaction. */
export async function keepStroke(
  atRest: AtRest,
  tx: Queries,
  board: ProgrammeId,
  { number, beganMs, stroke }: StoredStroke,
): Promise<void> {
  const wrappedStroke = await seal(atRest, board, number, stroke);
  const row = { programmeId: board, number, strokeHash: hashObject(stroke), wrappedStroke, beganMs };
  await tx.insert(boardStrokes).values(row);
}

/** True where that very stroke was accepted under this number. */
export async function isKept(
  queries: Queries,
  board: ProgrammeId,
  number: number,
  stroke: Uint8Array,
): Promise<boolean> {
  const [row] = await queries
    .select({ strokeHash: boardStrokes.strokeHash })
    .from(boardStrokes)
    .where(and(eq(boardStrokes.programmeId, board), eq(boardStrokes.number, number)));
  return row?.strokeHash === hashObject(stroke);
}

/** Accepted strokes from a number on, in order, at most `most`. */
export async function strokesFrom(
  atRest: AtRest,
  queries: Queries,
  board: ProgrammeId,
  range: { readonly from: number; readonly most: number },
): Promise<readonly StoredStroke[]> {
  const rows = await queries
    .select()
    .from(boardStrokes)
    .where(and(eq(boardStrokes.programmeId, board), gte(boardStrokes.number, range.from)))
    .orderBy(asc(boardStrokes.number))
    .limit(range.most);
  return Promise.all(
    rows.map(async ({ number, beganMs, wrappedStroke }) => ({
      ...{ number, beganMs },
      stroke: await open(atRest, board, number, wrappedStroke),
    })),
  );
}
