// The first commit of a module's store, and the last one of a store that a person gives up: a root key and an empty record. Called by
// start.ts where nothing was ever stored, and by `startAnew`. Must never be called for a store that was lost: that one has a way back.

import type { RandomBytes } from '../protocol/ids.ts';
import { firstHead } from '../protocol/record-entry.ts';
import type { Surroundings } from './core.ts';
import { makeRootKey } from './keys/root.ts';
import { makeDeviceSlot } from './keys/vault.ts';
import type { OpenedStorage } from './life.ts';
import { replaceStore } from './record/replace-store.ts';
import { firstRevision } from './store/generation.ts';
import { CHECKPOINT_LOCK } from './store/locks.ts';
import type { StoreCommit } from './store/record-store.ts';
import { ROW_VERSION, type VaultRow } from './store/rows.ts';

type FoundedRows = Omit<StoreCommit, 'expectedRevision' | 'reset'>;

/** The first commit of a database in which nothing is stored. */
export function makeFounding(random: RandomBytes): StoreCommit {
  return { ...foundedRows(firstRevision(random), random), expectedRevision: null, reset: false };
}

/**
 * Erases everything for good and founds the module anew; durable on return. Cut anywhere, either the old store stands, without its
 * checkpoint, or the new one: the slots go first, because an old checkpoint beside a new store would look like a loss.
 */
export async function foundAnew({ store, slots, locks }: OpenedStorage, around: Surroundings): Promise<void> {
  const { clock, random } = around;
  // Under the checkpoint's lock throughout: no other tab may put an old checkpoint beside the new store.
  await locks.withLock(CHECKPOINT_LOCK, async () => {
    await slots.remove();
    await replaceStore({ store, locks, clock, random }, async () => foundedRows(0, random));
  });
}

/** A module without a lock and without a record. */
function foundedRows(revision: number, random: RandomBytes): FoundedRows {
  const rootKey = makeRootKey(random);
  const vault: VaultRow = { name: 'vault', version: ROW_VERSION, slots: [makeDeviceSlot(rootKey)] };
  rootKey.fill(0);
  return {
    header: { name: 'header', version: ROW_VERSION, revision, counter: 0, head: firstHead() },
    meta: [vault],
    removedMeta: [],
    pages: [],
    sessions: [],
    held: [],
    releasedSessions: [],
    receipts: [],
    operations: [],
  };
}
