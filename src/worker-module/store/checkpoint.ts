// The checkpoint beside the database: what brings a lost database back, in two slots written in turn. Its outer part is readable without a key:
// a checksum tells a torn slot from a good one, the counter tells a lost or wound-back database, and the vault leads to the key of the rest.
// Written by the checkpointer; must never be ahead of what the database has made durable.

import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, equalBytes } from '../../protocol/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes } from '../../protocol/ids.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { VaultSlot } from './rows.ts';
import { openBytes, type SealPurpose, sealBytes } from './sealing.ts';
import { isWhole } from './shape.ts';
import { decodeVault, encodeVault } from './vault-codec.ts';
import { decodeSlot1 } from './version-1/checkpoint.ts';

/** Where slots are kept: OPFS in a browser, memory in tests. */
export type CheckpointSlots = {
  /** The two slots' bytes; null for one never written. */
  read(): Promise<readonly [Uint8Array | null, Uint8Array | null]>;
  /** Replaces one slot, flushed on return. */
  write(slot: 0 | 1, bytes: Bytes): Promise<void>;
  /** Takes both away, as if they had never been written. */
  remove(): Promise<void>;
};

/** A slot as read without any key. */
export type CheckpointSlot = {
  /** Of version 1 the counter alone still speaks, once the database is of version 2; `vault` is empty. */
  readonly version: 1 | 2;
  /** Number of this write; the higher one of two slots is the newer. */
  readonly serial: number;
  /** Number of record entries that were durable. */
  readonly counter: number;
  readonly vault: readonly VaultSlot[];
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
};

/** `none`: never written; `damaged`: written, but no slot is whole; `found`: the newest whole slot, and the one to write next. */
export type CheckpointReading =
  | { readonly state: 'none' }
  | { readonly state: 'damaged' }
  | { readonly state: 'found'; readonly newest: CheckpointSlot; readonly next: 0 | 1 };

const TYPE = 'farebox/checkpoint';
const VERSION = 2;
const CHECKSUM_BYTES = 32;

/** Reads both slots and judges them. @throws FareboxError `store/newer-version`. */
export async function readCheckpoint(slots: CheckpointSlots): Promise<CheckpointReading> {
  const [first, second] = await slots.read();
  if (first === null && second === null) return { state: 'none' };
  const a = first && decodeSlot(first);
  const b = second && decodeSlot(second);
  if (a && (!b || a.serial > b.serial)) return { state: 'found', newest: a, next: 1 };
  if (b) return { state: 'found', newest: b, next: 0 };
  return { state: 'damaged' };
}

/** What one slot says: where the record stood, the ways to the root key, and a snapshot in clear bytes. */
export type CheckpointToSeal = {
  readonly serial: number;
  readonly counter: number;
  readonly vault: readonly VaultSlot[];
  readonly snapshot: Uint8Array;
  readonly checkpointKey: CryptoKey;
  readonly random: RandomBytes;
};

/** The bytes of a slot. @throws FareboxError `store/full` where they are more than a slot may have. */
export async function sealCheckpoint(given: CheckpointToSeal): Promise<Bytes> {
  const purpose = purposeOf(given);
  const body = await sealBytes(given.checkpointKey, purpose, given.snapshot, given.random);
  const payload = encodeCbor([...purpose, body.nonce, body.sealed]);
  const bytes = concatBytes(sha256(payload), payload);
  if (bytes.length > MODULE_LIMITS.checkpointBytes) throw new FareboxError('store/full', { what: 'checkpoint' });
  return bytes;
}

/** The snapshot of a slot, in clear bytes. @throws FareboxError `store/altered`. */
export async function openCheckpoint(slot: CheckpointSlot, checkpointKey: CryptoKey): Promise<Uint8Array> {
  return openBytes(checkpointKey, purposeOf(slot), slot);
}

function purposeOf({ serial, counter, vault }: Pick<CheckpointSlot, 'serial' | 'counter' | 'vault'>): SealPurpose {
  return [TYPE, VERSION, serial, counter, encodeVault(vault)];
}

/** Null for a slot that is torn or not ours: the other slot then counts. */
function decodeSlot(bytes: Uint8Array): CheckpointSlot | null {
  const payload = bytes.subarray(CHECKSUM_BYTES);
  if (!equalBytes(bytes.subarray(0, CHECKSUM_BYTES), sha256(payload))) return null;
  const fields = decodeFields(payload);
  if (fields === null) return null;
  const [type, version] = fields;
  if (type !== TYPE || typeof version !== 'number') return null;
  if (version > VERSION) throw new FareboxError('store/newer-version');
  return version === VERSION ? decodeSlot2(fields) : decodeSlot1(fields);
}

function decodeFields(payload: Uint8Array): readonly CborValue[] | null {
  try {
    const fields = decodeCbor(payload, { sizeBytes: MODULE_LIMITS.checkpointBytes });
    return Array.isArray(fields) ? fields : null;
  } catch {
    // Whole by its checksum and yet no CBOR: somebody else's file under this name.
    return null;
  }
}

function decodeSlot2(fields: readonly CborValue[]): CheckpointSlot | null {
  const [, , serial, counter, vault, nonce, sealed] = fields;
  if (fields.length !== 7 || !isNumber(serial) || !isNumber(counter) || vault === undefined) return null;
  if (!(nonce instanceof Uint8Array) || !(sealed instanceof Uint8Array)) return null;
  return { version: VERSION, serial, counter, vault: decodeVault(vault), nonce, sealed };
}

function isNumber(value: unknown): value is number {
  return isWhole(value);
}
