// ALGO1 and what comes out of it (docs/protocol.md §23, SD-4): the operation key T1 of one unit, alive for one piece of work that cannot
// wait for anything, and erased behind it. Both ends call it; neither keeps, sends or returns a T1.

import { expand, hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, utf8 } from '../bytes.ts';
import { FareboxError } from '../errors.ts';
import { idBytes, type ModuleId } from '../ids.ts';
import { KEY_LENGTH_BYTES, KEY_SET_LENGTH_BYTES } from './application-key.ts';

/** What the units of one set share. `set`: 16 bytes; `transportKey`: T, 32 bytes. */
export type TransportKey = Readonly<{ set: Uint8Array; transportKey: Uint8Array }>;

/** What an operation key is used for; each use has a key of its own. */
export type OperationUse = 'ALGO2' | 'SAS' | 'CAS';

/** The key of one use, 32 bytes, erased with T1; `random` (R) goes into the one of ALGO2. */
export type OperationKeys = (use: OperationUse, random: Uint8Array) => Bytes;

const ALGO1 = utf8('farebox/1 ALGO1');

/**
 * Works with the keys of one unit's T1 and erases them, whether the work returns or throws. The work is synchronous, so that no T1
 * outlives a turn; what the hash functions copied within is beyond our reach. Errors: `keys/malformed` for other lengths.
 */
export function withOperationKeys<Result>(
  { set, transportKey }: TransportKey,
  unit: ModuleId,
  work: (keys: OperationKeys) => Result,
): Result {
  const lives: Bytes[] = [];
  const operationKey = deriveOperationKey({ set, transportKey }, unit);
  try {
    return work((use, random) => {
      const context = use === 'ALGO2' ? random : new Uint8Array(0);
      const derived = expand(sha256, operationKey, concatBytes(utf8(`farebox/1 ${use}`), context), KEY_LENGTH_BYTES);
      lives.push(derived);
      return derived;
    });
  } finally {
    operationKey.fill(0);
    for (const life of lives) life.fill(0);
  }
}

/**
 * ALGO1: T1 = HKDF-SHA256(ikm T, salt SN, info `"farebox/1 ALGO1"` ‖ set), 32 bytes. For vectors and tests; everyone else takes
 * `withOperationKeys`, which erases it. Errors: `keys/malformed`.
 */
export function deriveOperationKey({ set, transportKey }: TransportKey, unit: ModuleId): Bytes {
  if (set.length !== KEY_SET_LENGTH_BYTES || transportKey.length !== KEY_LENGTH_BYTES)
    throw new FareboxError('keys/malformed', { expected: 'a transport key of 32 bytes and a set of 16' });
  return hkdf(sha256, transportKey, idBytes(unit), concatBytes(ALGO1, set), KEY_LENGTH_BYTES);
}
