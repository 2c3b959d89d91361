// Checks of lengths that both back ends make before they touch a primitive, so that they refuse alike.

import { FareboxError } from '../errors.ts';
import { NONCE_LENGTH_BYTES } from './suite.ts';

/** Bytes that each hash gives; HKDF may give 255 times that (RFC 5869 §2.3). */
export const HASH_LENGTH_BYTES = { 'SHA-256': 32, 'SHA-512': 64 } as const;

/** Errors: `suite/wrong-length` unless `bytes` has one of these lengths. */
export function requireLength(bytes: Uint8Array, allowed: readonly number[], what: string): void {
  if (!allowed.includes(bytes.length))
    throw new FareboxError('suite/wrong-length', { what, lengthBytes: bytes.length });
}

/** Errors: `suite/wrong-length` unless the nonce has 96 bits: any other length would be hashed into one and could collide. */
export function requireNonce(nonce: Uint8Array): void {
  requireLength(nonce, [NONCE_LENGTH_BYTES], 'nonce');
}

/** Errors: `suite/wrong-length` for an output that HKDF over this hash cannot give. */
export function requireHkdfLength(hash: keyof typeof HASH_LENGTH_BYTES, lengthBytes: number): void {
  if (!Number.isInteger(lengthBytes) || lengthBytes < 0 || lengthBytes > 255 * HASH_LENGTH_BYTES[hash]) {
    throw new FareboxError('suite/wrong-length', { what: 'HKDF output', lengthBytes });
  }
}
