// Reads live programmes for the provider's own parties: how far one is, and its updates as they were signed. Read only;
// direct-live.ts writes.

import { and, eq } from 'drizzle-orm';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ProgrammeId } from '../../src/protocol/ids.ts';
import type { Queries } from '../db/open.ts';
import { liveProgrammes, liveUpdates } from '../db/schema.ts';

/** How far a live programme is. */
export type LiveState = {
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly windowFrames: number;
  readonly reservedTo: number;
  /** Frames that are out. */
  readonly edge: number;
  readonly nextNumber: number;
  readonly ended: boolean;
};

/** @throws FareboxError `live/not-live`. */
export async function liveStateOf(queries: Queries, id: ProgrammeId): Promise<LiveState> {
  const [row] = await queries.select().from(liveProgrammes).where(eq(liveProgrammes.programmeId, id));
  if (row === undefined) throw new FareboxError('live/not-live');
  const { startTime, windowFrames, reservedTo, edge, nextNumber, ended } = row;
  return { startTime, windowFrames, reservedTo, edge, nextNumber, ended };
}

/**
 * The same in a transaction that needs it to stand still: for `update` one at a time, a publisher or who deletes; for `share` any number of
 * others, who wait for those. @throws FareboxError `live/not-live`.
 */
export async function lockLive(tx: Queries, id: ProgrammeId, kind: 'update' | 'share'): Promise<LiveState> {
  await tx
    .select({ id: liveProgrammes.programmeId })
    .from(liveProgrammes)
    .where(eq(liveProgrammes.programmeId, id))
    .for(kind);
  return liveStateOf(tx, id);
}

/** COSE bytes of one update; null where it is not out. */
export async function findUpdate(queries: Queries, id: ProgrammeId, number: number): Promise<Uint8Array | null> {
  const [row] = await queries
    .select({ update: liveUpdates.update })
    .from(liveUpdates)
    .where(and(eq(liveUpdates.programmeId, id), eq(liveUpdates.number, number)));
  return row?.update ?? null;
}

/** COSE bytes of the newest update; null before the first. @throws FareboxError `live/not-live`. */
export async function newestUpdate(queries: Queries, id: ProgrammeId): Promise<Uint8Array | null> {
  const { nextNumber } = await liveStateOf(queries, id);
  return nextNumber === 0 ? null : findUpdate(queries, id, nextNumber - 1);
}
