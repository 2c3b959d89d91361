// Holds the database against the checkpoint and against itself: it may be ahead of the checkpoint, on the same chain, and nothing else.
// Called by start.ts before anything stands on the store. Reads only; a verdict is a code, never a repair.

import { equalBytes } from '../protocol/bytes.ts';
import { FareboxError } from '../protocol/errors.ts';
import { firstHead } from '../protocol/record-entry.ts';
import { decodeSnapshot } from '../protocol/snapshot.ts';
import type { ModuleKeys } from './core.ts';
import type { LostStore } from './life.ts';
import { readRecord } from './record/read-record.ts';
import { type CheckpointReading, type CheckpointSlot, openCheckpoint } from './store/checkpoint.ts';
import type { RecordStore } from './store/record-store.ts';
import type { HeaderRow, VaultSlot } from './store/rows.ts';

/** What is read before there are keys. `isBroken`: a row was there and was not in its shape. */
export type StoredBase = {
  readonly reading: CheckpointReading;
  readonly header: HeaderRow | null;
  readonly vault: readonly VaultSlot[] | null;
  readonly isBroken: boolean;
};

type Place = { readonly counter: number; readonly head: Uint8Array };

/**
 * Null for a store that is sound. `store/wiped`: less is there than the checkpoint says was durable. `store/altered`: what is there does not
 * open, or is another chain.
 */
export async function judgeStore(
  store: RecordStore,
  { reading, header }: StoredBase,
  keys: ModuleKeys,
): Promise<LostStore['code'] | null> {
  if (header === null) return 'store/wiped';
  try {
    const newest = reading.state === 'found' ? reading.newest : null;
    if (newest !== null && header.counter < newest.counter) return 'store/wiped';
    // Of version 1 the counter alone still speaks: its key went with the migration.
    const known = newest === null || newest.version === 1 ? null : await placeOfCheckpoint(newest, keys);
    return (await isOneChain(store, keys.recordKey, known, header)) ? null : 'store/altered';
  } catch (error) {
    if (isAlteration(error)) return 'store/altered';
    throw error;
  }
}

/** True where these keys open what is stored. Keys from another tab may be those of a store that was replaced meanwhile. */
export async function keysFit(store: RecordStore, { reading, header }: StoredBase, keys: ModuleKeys): Promise<boolean> {
  try {
    if (reading.state === 'found' && reading.newest.version !== 1) {
      await openCheckpoint(reading.newest, keys.checkpointKey);
    } else if (header !== null && header.counter > 0) {
      for await (const _entry of readRecord(store, keys.recordKey, header.counter)) break;
    }
    return true;
  } catch (error) {
    if (isAlteration(error)) return false;
    throw error;
  }
}

/** Null for a checkpoint of a module that had no keys yet. @throws FareboxError `store/altered` where the sealed counter is another than the one outside. */
async function placeOfCheckpoint(slot: CheckpointSlot, keys: ModuleKeys): Promise<Place | null> {
  const clear = await openCheckpoint(slot, keys.checkpointKey);
  if (clear.length === 0) return null;
  const { counter, head } = decodeSnapshot(clear);
  clear.fill(0);
  if (counter !== slot.counter) throw new FareboxError('store/altered', { row: 'checkpoint' });
  return { counter, head };
}

/** The chain passes through what the checkpoint knows, and ends where the header says. */
async function isOneChain(
  store: RecordStore,
  recordKey: CryptoKey,
  known: Place | null,
  header: Place,
): Promise<boolean> {
  if (header.counter === 0) return equalBytes(header.head, firstHead());
  if (known === null || known.counter === 0) return endsAt(store, recordKey, header.counter, header);
  let knownHead: Uint8Array | null = null;
  let last: Place | null = null;
  for await (const { entry, head } of readRecord(store, recordKey, known.counter)) {
    if (entry.counter === known.counter) knownHead = head;
    last = { counter: entry.counter, head };
  }
  // A record that was restored begins later than the checkpoint knows of, and says so in its first page.
  if (last === null) return (await beginsAfter(store, known)) && endsAt(store, recordKey, header.counter, header);
  return knownHead !== null && equalBytes(knownHead, known.head) && isPlace(last, header);
}

async function endsAt(store: RecordStore, recordKey: CryptoKey, from: number, header: Place): Promise<boolean> {
  let last: Place | null = null;
  for await (const { entry, head } of readRecord(store, recordKey, from)) last = { counter: entry.counter, head };
  return last !== null && isPlace(last, header);
}

/** True where the page after the checkpoint goes on from its head, or where there is none: the record was begun anew further on. */
async function beginsAfter(store: RecordStore, known: Place): Promise<boolean> {
  const [next] = await store.pages(known.counter + 1, 1);
  return next === undefined || equalBytes(next.previousHead, known.head);
}

function isPlace(left: Place, right: Place): boolean {
  return left.counter === right.counter && equalBytes(left.head, right.head);
}

/** Codes that say "what is stored is not what this module wrote"; anything else is a fault of the browser or of this build. */
function isAlteration(error: unknown): boolean {
  if (!(error instanceof FareboxError)) return false;
  const { code } = error;
  return code === 'store/altered' || code.startsWith('cbor/') || code === 'backup/malformed';
}
