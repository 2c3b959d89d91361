// Padding of backups (docs/protocol.md §15): Padmé (PURBs, PoPETs 2019 §4), one byte 0x80 and zeros up to the next of its
// sizes, so that the length of a sealed file tells O(log log n) bits of how much a module has watched.

import type { Bytes } from './bytes.ts';
import { FareboxError } from './errors.ts';
import { LIMITS } from './limits.ts';

const END = 0x80;

/** The least size of Padmé that holds this many bytes (from 1), 16 KiB at least. */
export function padmeSizeBytes(lengthBytes: number): number {
  const least = Math.max(lengthBytes, LIMITS.backupPaddedSizeBytes);
  const exponent = Math.floor(Math.log2(least));
  const mantissaBits = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** (exponent - mantissaBits);
  return Math.ceil(least / step) * step;
}

/** The clear bytes, the mark, and zeros. */
export function padded(clear: Uint8Array): Bytes {
  const bytes = new Uint8Array(padmeSizeBytes(clear.length + 1));
  bytes.set(clear);
  bytes[clear.length] = END;
  return bytes;
}

/** What was padded, as a view. Only of bytes that were authenticated: it takes as long as there are zeros. Errors: `backup/malformed` for any other padding. */
export function unpadded(bytes: Uint8Array): Uint8Array {
  let end = bytes.length - 1;
  while (end >= 0 && bytes[end] === 0) end -= 1;
  if (bytes[end] !== END || padmeSizeBytes(end + 1) !== bytes.length)
    throw new FareboxError('backup/malformed', { expected: 'padding' });
  return bytes.subarray(0, end);
}
