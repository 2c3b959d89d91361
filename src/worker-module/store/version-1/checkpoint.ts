// Checkpoint slots of version 1, read until the first one of version 2 is written. Its sealed body opens with the record key of the version-1
// database and says counter and head. Called by checkpoint.ts and migrate-v1.ts; nothing writes such a slot any more.

import { type CborValue, decodeCbor } from '../../../protocol/cbor.ts';
import { FareboxError } from '../../../protocol/errors.ts';
import type { CheckpointSlot } from '../checkpoint.ts';
import { openBytes } from '../sealing.ts';
import { isWhole } from '../shape.ts';
import { VERSION_1 } from './rows.ts';

/** A slot from its decoded array; null where it is none of version 1. */
export function decodeSlot1(fields: readonly CborValue[]): CheckpointSlot | null {
  const [, version, serial, counter, nonce, sealed] = fields;
  if (fields.length !== 6 || version !== VERSION_1 || !isNumber(serial) || !isNumber(counter)) return null;
  if (!(nonce instanceof Uint8Array) || !(sealed instanceof Uint8Array)) return null;
  return { version: VERSION_1, serial, counter, vault: [], nonce, sealed };
}

/** The chain's head (32 bytes) after the slot's counter. @throws FareboxError `store/altered`. */
export async function openCheckpoint1(slot: CheckpointSlot, recordKey: CryptoKey): Promise<Uint8Array> {
  const purpose = ['farebox/checkpoint', VERSION_1, slot.serial, slot.counter] as const;
  const body = decodeCbor(await openBytes(recordKey, purpose, slot));
  const [counter, head] = Array.isArray(body) ? body : [];
  if (counter !== slot.counter || !(head instanceof Uint8Array)) throw new FareboxError('store/altered');
  return head;
}

function isNumber(value: unknown): value is number {
  return isWhole(value);
}
