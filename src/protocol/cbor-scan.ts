// A walk over the heads of a CBOR object before anything is built from it: depth, size, item count, lengths that lie,
// and every form that deterministic encoding does not have. Called by cbor.ts only. It builds nothing and recurses never.

import { FareboxError } from './errors.ts';

const MAJOR_UNSIGNED = 0;
const MAJOR_NEGATIVE = 1;
const MAJOR_BYTES = 2;
const MAJOR_TEXT = 3;
const MAJOR_ARRAY = 4;
const MAJOR_MAP = 5;
const MAJOR_TAG = 6;

const FALSE = 20;
const NULL = 22;

/** One array or map on the way down: how many items are still to come, and whether keys take turns with values. */
type Open = { remaining: number; readonly isMap: boolean };

type Head = { readonly major: number; readonly argument: number; readonly end: number };

function readHead(bytes: Uint8Array, at: number): Head {
  const first = bytes[at];
  if (first === undefined) throw new FareboxError('cbor/malformed', { at });
  const major = first >> 5;
  const additional = first & 31;
  if (major === MAJOR_TAG) throw new FareboxError('cbor/not-deterministic', { at });
  if (major > MAJOR_TAG) {
    // Only false, true and null; floats, undefined and other simple values have no place in this protocol.
    if (additional < FALSE || additional > NULL) throw new FareboxError('cbor/not-deterministic', { at });
    return { major, argument: 0, end: at + 1 };
  }
  if (additional < 24) return { major, argument: additional, end: at + 1 };
  if (additional > 27) throw new FareboxError(additional === 31 ? 'cbor/not-deterministic' : 'cbor/malformed', { at });
  const width = 1 << (additional - 24);
  const end = at + 1 + width;
  if (end > bytes.length) throw new FareboxError('cbor/malformed', { at });
  let argument = 0;
  for (let offset = at + 1; offset < end; offset += 1) argument = argument * 256 + (bytes[offset] ?? 0);
  // RFC 8949 §4.2.1: the shortest form that holds the value. A double is exact enough to compare with 2^32.
  const least = width === 1 ? 24 : 2 ** (4 * width);
  if (argument < least) throw new FareboxError('cbor/not-deterministic', { at });
  return { major, argument, end };
}

/** Throws unless `bytes` hold exactly one well-formed object within the bounds, with no form that is never deterministic. Map order is not looked at. Errors: `cbor/*`. */
export function scanCbor(bytes: Uint8Array, limits: { depth: number; sizeBytes: number; items: number }): void {
  if (bytes.length > limits.sizeBytes) throw new FareboxError('cbor/too-large', { sizeBytes: bytes.length });
  const open: Open[] = [{ remaining: 1, isMap: false }];
  let at = 0;
  let items = 0;
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    if (level.remaining === 0) {
      open.pop();
      continue;
    }
    const isKey = level.isMap && level.remaining % 2 === 0;
    level.remaining -= 1;
    items += 1;
    if (items > limits.items) throw new FareboxError('cbor/too-large', { items });
    const head = readHead(bytes, at);
    at = head.end;
    if (isKey && head.major !== MAJOR_UNSIGNED && head.major !== MAJOR_NEGATIVE && head.major !== MAJOR_TEXT) {
      throw new FareboxError('cbor/not-deterministic', { at });
    }
    if (head.major === MAJOR_BYTES || head.major === MAJOR_TEXT) {
      at += head.argument;
      if (at > bytes.length) throw new FareboxError('cbor/malformed', { at: bytes.length });
    } else if (head.major === MAJOR_ARRAY || head.major === MAJOR_MAP) {
      const isMap = head.major === MAJOR_MAP;
      const count = isMap ? 2 * head.argument : head.argument;
      // An item takes a byte at least, so a longer promise is a lie.
      if (count > bytes.length - at) throw new FareboxError('cbor/malformed', { at });
      if (open.length > limits.depth) throw new FareboxError('cbor/too-deep', { depth: open.length });
      open.push({ remaining: count, isMap });
    }
  }
  if (at !== bytes.length) throw new FareboxError('cbor/malformed', { at });
}
