// The PIN (docs/protocol.md §24, MC-5; fig. 4): a series key is kept masked by its PIN and nothing beside it tells whether a PIN is right. A
// wrong one unmasks another series key, whose numbers exist nowhere: it fails at the provider as a wrong key does, and takes as long.

import { scryptAsync } from '@noble/hashes/scrypt.js';
import { type Bytes, concatBytes, utf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import { FareboxError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { DERIVING_KEY_LENGTH_BYTES, deriveByCmac } from './kdf.ts';

/** Cost of one guess for who holds a module's whole store and a token with its answer: 32 MiB and about a tenth of a second. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, dkLen: DERIVING_KEY_LENGTH_BYTES } as const;

const DIGITS = /^\d+$/;

/** True for 4 to 12 decimal digits. */
export function isPin(candidate: unknown): candidate is string {
  if (typeof candidate !== 'string' || !DIGITS.test(candidate)) return false;
  return candidate.length >= LIMITS.pinMinDigits && candidate.length <= LIMITS.pinMaxDigits;
}

/**
 * The mask of one series key, 32 bytes. `pinSecret`: 32 random bytes of this module, so that equal PINs of two modules are no equal masks;
 * `reference`: the slot's name, so that one PIN for two applications is no equal mask either. Errors: `keys/malformed`.
 */
export async function derivePinMask(pin: string, pinSecret: Uint8Array, reference: string): Promise<Bytes> {
  const [mask] = await derivePinMasks(pin, pinSecret, [reference]);
  if (mask === undefined) throw new FareboxError('module/internal', { expected: 'a mask' });
  return mask;
}

/** The masks of several slots under one PIN, in their order; what is slow about it is done once for all of them. Errors: `keys/malformed`. */
export async function derivePinMasks(
  pin: string,
  pinSecret: Uint8Array,
  references: readonly string[],
): Promise<readonly Bytes[]> {
  if (!isPin(pin) || pinSecret.length !== DERIVING_KEY_LENGTH_BYTES) throw new FareboxError('keys/malformed');
  const salt = concatBytes(utf8('farebox/1 PIN'), pinSecret);
  const stretched = await scryptAsync(pin, salt, SCRYPT);
  try {
    return references.map((reference) =>
      deriveByCmac(stretched, 'PIN mask', encodeCbor([reference]), DERIVING_KEY_LENGTH_BYTES),
    );
  } finally {
    stretched.fill(0);
    salt.fill(0);
  }
}

/** Masks a series key, or takes the mask off: 32 bytes either way. Errors: `keys/malformed`. */
export function maskSeriesKey(seriesKey: Uint8Array, mask: Uint8Array): Bytes {
  if (seriesKey.length !== mask.length || mask.length !== DERIVING_KEY_LENGTH_BYTES)
    throw new FareboxError('keys/malformed');
  return seriesKey.map((byte, at) => byte ^ (mask[at] ?? 0));
}
