// Puts a whole store in place of what is stored: restore, recovery, starting anew. Called by committer.ts and by backup/. One transaction, under
// the record lock: cut anywhere, either the old store is whole or the new one is. A new generation of revisions begins, so that no tab which
// knew the old store can write into the new one.

import { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes } from '../../protocol/ids.ts';
import type { Clock } from '../clock.ts';
import { nextGeneration } from '../store/generation.ts';
import { type Locks, RECORD_LOCK } from '../store/locks.ts';
import type { RecordStore, StoreCommit } from '../store/record-store.ts';
import type { HeaderRow } from '../store/rows.ts';

/**
 * Makes the rows that replace everything. `header` is what is stored now, or null where there is none that can be read; `time` is the moment of
 * the commit, ms since 1970. The revision of the header it answers with is set by `replaceStore`.
 */
export type MakeRows = (
  header: HeaderRow | null,
  time: number,
) => Promise<Omit<StoreCommit, 'expectedRevision' | 'reset'>>;

/** What replacing needs. */
export type ReplaceParts = {
  readonly store: RecordStore;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly random: RandomBytes;
};

/** Replaces everything; durable on return, with the header that is stored then. @throws FareboxError `store/*`, and what `makeRows` throws. */
export function replaceStore(parts: ReplaceParts, makeRows: MakeRows): Promise<HeaderRow> {
  const { store, locks, clock, random } = parts;
  return locks.withLock(RECORD_LOCK, async () => {
    const revision = await store.revision();
    const rows = await makeRows(await readHeader(store), clock.now());
    const header = { ...rows.header, revision: nextGeneration(revision, random) };
    if ((await store.commit({ ...rows, header, expectedRevision: revision, reset: true })) === 'moved') {
      throw new FareboxError('store/conflict');
    }
    return header;
  });
}

/** Null also for a header that cannot be read, or is of version 1: a reset may take their place. */
async function readHeader(store: RecordStore): Promise<HeaderRow | null> {
  try {
    return await store.meta('header');
  } catch (error) {
    const isReplaceable =
      error instanceof FareboxError && (error.code === 'store/altered' || error.detail?.reason === 'not-migrated');
    if (!isReplaceable) throw error;
    return null;
  }
}
