// The KDF of §24: NIST SP 800-108r1 §4.1, counter mode, over AES-256-CMAC. Everything that is derived from a master key, a series key or a
// derived key goes through it, each under a label of its own.

import { cmac } from '@noble/ciphers/aes.js';
import { type Bytes, concatBytes, utf8 } from '../bytes.ts';
import { FareboxError } from '../errors.ts';

/** Bytes of a master key, a series key and a derived key. */
export const DERIVING_KEY_LENGTH_BYTES = 32;

const BLOCK_LENGTH_BYTES = 16;

/** What is derived, as it stands before the zero byte in the input. */
export type KdfLabel = 'DEA1' | 'DEA2 authenticate' | 'DEA2 conceal' | 'DEA2 sign' | 'series number' | 'PIN mask';

/** 4 bytes, big-endian, of an integer from 0 to 2^32−1. Errors: `module/internal` outside of it. */
export function u32be(value: number): Bytes {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32)
    throw new FareboxError('module/internal', { expected: 'u32' });
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/**
 * K(i) = AES-256-CMAC(key, i as 4 bytes ‖ `"farebox/1 "` ‖ label ‖ 00 ‖ context ‖ length in bits as 4 bytes), i from 1, joined. `key`: 32 bytes;
 * 16 or 32 bytes come out. Errors: `keys/malformed` for a key of another length.
 */
export function deriveByCmac(key: Uint8Array, label: KdfLabel, context: Uint8Array, lengthBytes: 16 | 32): Bytes {
  if (key.length !== DERIVING_KEY_LENGTH_BYTES) throw new FareboxError('keys/malformed', { lengthBytes: key.length });
  const fixed = concatBytes(utf8(`farebox/1 ${label}`), new Uint8Array(1), context, u32be(8 * lengthBytes));
  const derived = new Uint8Array(lengthBytes);
  for (let block = 0; block * BLOCK_LENGTH_BYTES < lengthBytes; block += 1) {
    derived.set(cmac(concatBytes(u32be(block + 1), fixed), key), block * BLOCK_LENGTH_BYTES);
  }
  return derived;
}
