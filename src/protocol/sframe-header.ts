// The SFrame header (RFC 9605 §4.3): one config byte, then KID and counter in as few bytes as they need. A longer form of
// the same numbers is refused, so that each header has one spelling.

import { type Bytes, concatBytes, u64be } from './bytes.ts';
import { FareboxError } from './errors.ts';

/** KID and counter, each 0 to 2^64−1. */
export type SframeHeader = Readonly<{ kid: bigint; counter: bigint }>;

// Config byte: X (1 bit), K (3 bits), Y (1 bit), C (3 bits). X and Y say that K and C are lengths less one, not values.
const EXTENDED = 0b1000;
const LARGEST_INLINE = 7n;

/** Nibble of the config byte and the bytes that follow it for one number. */
function encodeField(value: bigint): { readonly nibble: number; readonly following: Uint8Array } {
  if (value <= LARGEST_INLINE) return { nibble: Number(value), following: new Uint8Array(0) };
  const wide = u64be(value);
  const following = wide.subarray(wide.findIndex((byte) => byte !== 0));
  return { nibble: EXTENDED | (following.length - 1), following };
}

/** 1 to 17 bytes. Errors: `module/internal` for numbers that have no 64 bits. */
export function encodeSframeHeader({ kid, counter }: SframeHeader): Bytes {
  if (kid < 0n || counter < 0n) throw new FareboxError('module/internal', { expected: 'u64' });
  const first = encodeField(kid);
  const second = encodeField(counter);
  return concatBytes(Uint8Array.of((first.nibble << 4) | second.nibble), first.following, second.following);
}

/** Reads the header at the front of a message and tells its length. Errors: `frame/cut`, `frame/tampered` for a form longer than needed. */
export function decodeSframeHeader(message: Uint8Array): SframeHeader & { readonly lengthBytes: number } {
  const config = message[0];
  if (config === undefined) throw new FareboxError('frame/cut', { sizeBytes: 0 });
  let at = 1;
  const readField = (nibble: number): bigint => {
    if ((nibble & EXTENDED) === 0) return BigInt(nibble);
    const end = at + (nibble & 7) + 1;
    if (end > message.length) throw new FareboxError('frame/cut', { sizeBytes: message.length });
    let value = 0n;
    for (const byte of message.subarray(at, end)) value = (value << 8n) | BigInt(byte);
    if (message[at] === 0 || value <= LARGEST_INLINE) throw new FareboxError('frame/tampered');
    at = end;
    return value;
  };
  const kid = readField(config >> 4);
  const counter = readField(config & 0b1111);
  return { kid, counter, lengthBytes: at };
}
