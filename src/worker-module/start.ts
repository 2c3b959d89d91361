// Opens the module's storage and judges it: new, sound, or not what the checkpoint says it should be. Called once by module.ts.
// It must never start a new record where there was one: an empty database beside a checkpoint is an alarm, not a new customer.

import { equalBytes, toHex } from '../protocol/bytes.ts';
import { FareboxError } from '../protocol/errors.ts';
import { firstHead } from '../protocol/record-entry.ts';
import type { Core, Surroundings } from './core.ts';
import { makeCommitter } from './record/committer.ts';
import { readRecord } from './record/read-record.ts';
import { type CheckpointReading, type CheckpointSlots, openCheckpoint, readCheckpoint } from './store/checkpoint.ts';
import { makeCheckpointer } from './store/checkpointer.ts';
import type { StorageHealth } from './store/health.ts';
import { type Locks, RECORD_LOCK, tabLockName } from './store/locks.ts';
import type { RecordStore } from './store/record-store.ts';
import { type HeaderRow, ROW_VERSION } from './store/rows.ts';
import { makeSealingKey } from './store/sealing.ts';
import { toStoreError } from './store/store-error.ts';

/** Where the module keeps things: adapters of the browser, or of a test. */
export type Storage = {
  openStore(): Promise<RecordStore>;
  openSlots(): Promise<CheckpointSlots>;
  readonly locks: Locks;
};

const TAB_ID_BYTES = 16;

/**
 * The core on top of opened storage, or null where there is none to stand on; `health` says which. A database that the checkpoint
 * contradicts still gives a core, for reading: its writes are refused.
 */
export async function startCore(around: Surroundings, storage: Storage, health: StorageHealth): Promise<Core | null> {
  try {
    const store = await storage.openStore();
    const slots = await storage.openSlots();
    const base = await storage.locks.withLock(RECORD_LOCK, () => openBase(store, slots));
    const core = await makeCore(around, storage.locks, store, slots, base.recordKey, health);
    await judge(store, base, health);
    if (health.refusal() === null) {
      core.checkpointer.note(base.header);
      await core.checkpointer.flush();
    }
    return core;
  } catch (error) {
    health.noteError(toStoreError(error));
    return null;
  }
}

type Base = { readonly header: HeaderRow; readonly recordKey: CryptoKey; readonly reading: CheckpointReading };

async function openBase(store: RecordStore, slots: CheckpointSlots): Promise<Base> {
  const reading = await readCheckpoint(slots);
  const header = await store.header();
  const recordKey = (await store.recordKey())?.sealingKey ?? null;
  if (header !== null && recordKey !== null) return { header, recordKey, reading };
  if (header !== null || recordKey !== null || reading.state !== 'none') throw new FareboxError('store/wiped');
  return { ...(await foundRecord(store)), reading };
}

async function foundRecord(store: RecordStore): Promise<Pick<Base, 'header' | 'recordKey'>> {
  const sealingKey = await makeSealingKey();
  const header: HeaderRow = { name: 'header', version: ROW_VERSION, revision: 1, counter: 0, head: firstHead() };
  const outcome = await store.commit({
    expectedRevision: null,
    header,
    recordKey: { name: 'record-key', version: ROW_VERSION, sealingKey },
    sessions: [],
    held: [],
    releasedSessions: [],
    receipts: [],
  });
  if (outcome === 'moved') throw new FareboxError('store/conflict');
  return { header, recordKey: sealingKey };
}

/** Compares the database with the checkpoint: it may be ahead of it, on the same chain, and nothing else. */
async function judge(store: RecordStore, base: Base, health: StorageHealth): Promise<void> {
  const { header, recordKey, reading } = base;
  if (reading.state !== 'found') return;
  try {
    const checkpoint = await openCheckpoint(reading.newest, recordKey);
    if (header.counter < checkpoint.counter) throw new FareboxError('store/wiped');
    if (checkpoint.counter === 0) return;
    for await (const { entry, head } of readRecord(store, recordKey, checkpoint.counter)) {
      if (entry.counter !== checkpoint.counter) continue;
      if (equalBytes(head, checkpoint.head)) return;
      break;
    }
    throw new FareboxError('store/wiped');
  } catch (error) {
    health.noteError(toStoreError(error));
  }
}

async function makeCore(
  around: Surroundings,
  locks: Locks,
  store: RecordStore,
  slots: CheckpointSlots,
  recordKey: CryptoKey,
  health: StorageHealth,
): Promise<Core> {
  const { clock, random, emit } = around;
  const tabId = toHex(random(TAB_ID_BYTES));
  await locks.hold(tabLockName(tabId));
  const onFailure = (error: FareboxError) => {
    health.noteError(error);
    emit({ type: 'failed', session: null, code: error.code });
  };
  const checkpointer = makeCheckpointer({ slots, locks, clock, random, sealingKey: recordKey, onFailure });
  const committer = makeCommitter({
    store,
    locks,
    clock,
    random,
    recordKey,
    refusal: health.refusal,
    onDurable: (place) => {
      health.noteDurable();
      checkpointer.note(place);
    },
    onStoreError: health.noteError,
  });
  return { ...around, store, recordKey, committer, checkpointer, tabId };
}
