// What an application key is (docs/protocol.md §23): its kind, its diversification by a unit's serial number, its plain form inside the
// seal, and its check value. Pure; a clear key here belongs to the caller, who clears it.

import { cmac } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, utf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import { FareboxError } from '../errors.ts';
import { idBytes, type ModuleId } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { encodeKeySlot, type KeySlot } from './references.ts';

/** Bytes of key material, transport key, operation key and application key alike. */
export const KEY_LENGTH_BYTES = 32;
/** Bytes of the name of a set. */
export const KEY_SET_LENGTH_BYTES = 16;
/** Bytes of a check value. */
export const CHECK_VALUE_LENGTH_BYTES = 3;

/** `key`: for an application's own use. `master`: MK of §24. `series`: what a set of series numbers is derived from. */
export const KEY_KINDS = ['key', 'master', 'series'] as const;

/** One of them. */
export type KeyKind = (typeof KEY_KINDS)[number];

/** What an application key is for; `count` is the number of series numbers of a `series`, 0 of the others. */
export type KeyPurpose = Readonly<{ kind: KeyKind; count: number }>;

/** An application key in the clear. `applicationKey`: 32 bytes. */
export type ApplicationKey = KeyPurpose & Readonly<{ applicationKey: Bytes }>;

const LABEL = utf8('farebox/1 TA');
const PLAIN_LENGTH_BYTES = 3 + KEY_LENGTH_BYTES;

/** Errors: `keys/malformed` unless kind and count fit together. */
export function requireKeyPurpose({ kind, count }: KeyPurpose): void {
  const known = KEY_KINDS.includes(kind) && Number.isInteger(count);
  if (!known || (kind === 'series' ? count < 1 || count > LIMITS.seriesNumbers : count !== 0)) {
    throw new FareboxError('keys/malformed', { kind, count });
  }
}

/**
 * TA: the key of this slot for this unit alone. `material`: 32 bytes of the key unit; `set`: 16 bytes. Errors: `keys/malformed`.
 */
export function diversifyKey(given: {
  material: Uint8Array;
  set: Uint8Array;
  unit: ModuleId;
  slot: KeySlot;
  purpose: KeyPurpose;
}): ApplicationKey {
  const { material, set, unit, slot, purpose } = given;
  requireKeyPurpose(purpose);
  if (material.length !== KEY_LENGTH_BYTES || set.length !== KEY_SET_LENGTH_BYTES)
    throw new FareboxError('keys/malformed', { expected: 'material of 32 bytes and a set of 16' });
  const { kind, count } = purpose;
  const info = concatBytes(LABEL, encodeCbor([set, encodeKeySlot(slot), kind, count]));
  const applicationKey = hkdf(sha256, material, idBytes(unit), info, KEY_LENGTH_BYTES);
  return Object.freeze({ kind, count, applicationKey });
}

/** The form inside the seal, 35 bytes: kind as one byte (its place in `KEY_KINDS`, from 1), count as two, TA. */
export function encodeApplicationKey({ kind, count, applicationKey }: ApplicationKey): Bytes {
  requireKeyPurpose({ kind, count });
  return concatBytes(Uint8Array.of(KEY_KINDS.indexOf(kind) + 1, count >>> 8, count & 0xff), applicationKey);
}

/** Reads it. Errors: `keys/data` for what no key unit seals. */
export function decodeApplicationKey(plain: Uint8Array): ApplicationKey {
  const kind = KEY_KINDS[(plain[0] ?? 0) - 1];
  const count = ((plain[1] ?? 0) << 8) | (plain[2] ?? 0);
  if (plain.length !== PLAIN_LENGTH_BYTES || kind === undefined) throw new FareboxError('keys/data');
  try {
    requireKeyPurpose({ kind, count });
  } catch (cause) {
    throw new FareboxError('keys/data', undefined, { cause });
  }
  return Object.freeze({ kind, count, applicationKey: Uint8Array.from(plain.subarray(3)) });
}

/** The check value: the first 3 bytes of AES-CMAC over 16 zero bytes (ANSI X9.24-1). It tells two keys apart and opens nothing; never of a key that a PIN chooses (§24). */
export function checkValueOf(key: Uint8Array): Bytes {
  return cmac(new Uint8Array(16), key).slice(0, CHECK_VALUE_LENGTH_BYTES);
}
