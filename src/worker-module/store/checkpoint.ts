// The checkpoint beside the database: the record's counter and head, in two slots written in turn, so that a lost or wound-back
// database is noticed. Its outer part is readable without a key, because a lost database loses the key with it; a checksum tells
// a torn slot from a good one. Written by the checkpointer; must never be ahead of what the database has made durable.

import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, equalBytes } from '../../protocol/bytes.ts';
import { decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes } from '../../protocol/ids.ts';
import { openBytes, type SealPurpose, sealBytes } from './sealing.ts';

/** Where slots are kept: OPFS in a browser, memory in tests. */
export type CheckpointSlots = {
  /** The two slots' bytes; null for one never written. */
  read(): Promise<readonly [Uint8Array | null, Uint8Array | null]>;
  /** Replaces one slot, flushed on return. */
  write(slot: 0 | 1, bytes: Bytes): Promise<void>;
};

/** What a checkpoint says: this many entries were durable, and the chain's head after them. */
export type Checkpoint = { readonly counter: number; readonly head: Uint8Array };

/** A slot as read without any key. */
export type CheckpointSlot = {
  /** Number of this write; the higher one of two slots is the newer. */
  readonly serial: number;
  readonly counter: number;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
};

/** `none`: never written; `damaged`: written, but no slot is whole; `found`: the newest whole slot. */
export type CheckpointReading =
  | { readonly state: 'none' }
  | { readonly state: 'damaged' }
  | { readonly state: 'found'; readonly newest: CheckpointSlot; readonly next: 0 | 1 };

const TYPE = 'farebox/checkpoint';
const VERSION = 1;
const CHECKSUM_BYTES = 32;

/** Reads both slots and judges them. */
export async function readCheckpoint(slots: CheckpointSlots): Promise<CheckpointReading> {
  const [first, second] = await slots.read();
  if (first === null && second === null) return { state: 'none' };
  const a = first && decodeSlot(first);
  const b = second && decodeSlot(second);
  if (a && (!b || a.serial > b.serial)) return { state: 'found', newest: a, next: 1 };
  if (b) return { state: 'found', newest: b, next: 0 };
  return { state: 'damaged' };
}

/** Seals a checkpoint into the bytes of a slot. */
export async function sealCheckpoint(
  checkpoint: Checkpoint,
  serial: number,
  sealingKey: CryptoKey,
  random: RandomBytes,
): Promise<Bytes> {
  const { counter, head } = checkpoint;
  const body = await sealBytes(sealingKey, purposeOf(serial, counter), encodeCbor([counter, head]), random);
  const payload = encodeCbor([TYPE, VERSION, serial, counter, body.nonce, body.sealed]);
  return concatBytes(sha256(payload), payload);
}

/** Opens the sealed body of a slot. @throws FareboxError `store/altered`. */
export async function openCheckpoint(slot: CheckpointSlot, sealingKey: CryptoKey): Promise<Checkpoint> {
  const body = decodeCbor(await openBytes(sealingKey, purposeOf(slot.serial, slot.counter), slot));
  const [counter, head] = Array.isArray(body) ? body : [];
  if (counter !== slot.counter || !(head instanceof Uint8Array)) throw new FareboxError('store/altered');
  return { counter: slot.counter, head };
}

function purposeOf(serial: number, counter: number): SealPurpose {
  return [TYPE, VERSION, serial, counter];
}

/** Null for a slot that is torn or not ours: the other slot then counts. */
function decodeSlot(bytes: Uint8Array): CheckpointSlot | null {
  const payload = bytes.subarray(CHECKSUM_BYTES);
  if (!equalBytes(bytes.subarray(0, CHECKSUM_BYTES), sha256(payload))) return null;
  const fields = decodeCbor(payload);
  if (!Array.isArray(fields) || fields.length !== 6) return null;
  const [type, version, serial, counter, nonce, sealed] = fields;
  if (type === TYPE && typeof version === 'number' && version > VERSION) throw new FareboxError('store/newer-version');
  if (type !== TYPE || version !== VERSION || typeof serial !== 'number' || typeof counter !== 'number') return null;
  if (!(nonce instanceof Uint8Array) || !(sealed instanceof Uint8Array)) return null;
  return { serial, counter, nonce, sealed };
}
