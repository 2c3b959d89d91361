// Series numbers (docs/protocol.md §24, MC-1): what a downloaded series key stands for. Both sides make the same ones; none is ever sent,
// only, under some rules, which of them.

import { type Bytes, toHex } from '../bytes.ts';
import { FareboxError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { deriveByCmac, u32be } from './kdf.ts';

/** Bytes of a series number. */
export const SERIES_NUMBER_LENGTH_BYTES = 16;

/** The series number at this index of the set that a 32-byte series key stands for, 16 bytes. Errors: `keys/malformed`. */
export function deriveSeriesNumber(seriesKey: Uint8Array, index: number): Bytes {
  if (!Number.isInteger(index) || index < 0 || index >= LIMITS.seriesNumbers)
    throw new FareboxError('keys/malformed', { index });
  return deriveByCmac(seriesKey, 'series number', u32be(index), SERIES_NUMBER_LENGTH_BYTES);
}

/**
 * The whole set of `count`, all different: where two were the same, one retired index would leave the other, so such a key is refused
 * (`keys/malformed`; by chance that happens once in 2^104 sets).
 */
export function deriveSeriesSet(seriesKey: Uint8Array, count: number): readonly Bytes[] {
  const numbers = Array.from({ length: count }, (_, index) => deriveSeriesNumber(seriesKey, index));
  if (new Set(numbers.map(toHex)).size !== count) throw new FareboxError('keys/malformed', { count });
  return numbers;
}
