// Finds the updates that tell of some frames of a live programme, for who judges a claim long after: their bytes stay when the files of
// their frames are gone. Read only.

import { and, asc, eq, gte, lt } from 'drizzle-orm';
import type { ProgrammeId } from '../../src/protocol/ids.ts';
import { type ReadLiveUpdate, readLiveUpdate } from '../../src/protocol/live-update.ts';
import type { Queries } from '../db/open.ts';
import { liveUpdates } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { findUpdate, liveStateOf } from './read-live.ts';

/** Updates that add any of the frames `from` up to and without `to`, in order. @throws FareboxError `live/not-live`. */
export async function updatesOver(
  queries: Queries,
  programme: ProgrammeId,
  from: number,
  to: number,
): Promise<readonly ReadLiveUpdate[]> {
  const { nextNumber } = await liveStateOf(queries, programme);
  const found: ReadLiveUpdate[] = [];
  let number = await firstReaching(queries, programme, nextNumber, from);
  while (number < nextNumber) {
    const rows = await queries
      .select({ update: liveUpdates.update })
      .from(liveUpdates)
      .where(
        and(
          eq(liveUpdates.programmeId, programme),
          gte(liveUpdates.number, number),
          lt(liveUpdates.number, number + SERVER_LIMITS.liveUpdatesRead),
        ),
      )
      .orderBy(asc(liveUpdates.number));
    for (const { update } of rows) {
      const read = readLiveUpdate(update);
      if (read.from >= to) return found;
      found.push(read);
    }
    number += SERVER_LIMITS.liveUpdatesRead;
  }
  return found;
}

/** The first update whose frames go beyond `frame`; updates ascend by their frames, so halving finds it. */
async function firstReaching(queries: Queries, programme: ProgrammeId, count: number, frame: number): Promise<number> {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const bytes = await findUpdate(queries, programme, middle);
    if (bytes !== null && readLiveUpdate(bytes).to > frame) high = middle;
    else low = middle + 1;
  }
  return low;
}
