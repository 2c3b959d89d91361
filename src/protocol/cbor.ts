// Deterministic CBOR (RFC 8949 §4.2.1) and nothing else: what encodeCbor gives is the only form decodeCbor takes.
// Every decoder of the protocol goes through here. cborg does the encoding; the walk before it keeps hostile bytes from
// costing more than their length, and the comparison after it leaves no second spelling.

import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { type Bytes, equalBytes, ownBytes } from './bytes.ts';
import { scanCbor } from './cbor-scan.ts';
import { FareboxError } from './errors.ts';
import { LIMITS } from './limits.ts';

/** A map key: integers number claims, texts name members. */
export type CborKey = number | string;

/** What can be written. Integers beyond 2^53 are bigint when read; within, always number. */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<CborKey, CborValue>;

/** Bounds of one object; what is left out is taken from `LIMITS`. */
export type CborLimits = Readonly<{ depth?: number; sizeBytes?: number; items?: number }>;

const MAX_UNSIGNED = (1n << 64n) - 1n;

function refuseValue(): never {
  throw new FareboxError('module/internal', { expected: 'a value that deterministic CBOR can hold' });
}

// Integers go in as bigint where they are large, so that no library can take them for floats.
function toEncodable(value: CborValue, depth: number): unknown {
  if (depth > LIMITS.cborDepth) refuseValue();
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : refuseValue();
  if (typeof value === 'bigint') return value >= -MAX_UNSIGNED - 1n && value <= MAX_UNSIGNED ? value : refuseValue();
  if (value instanceof Uint8Array) return ownBytes(value);
  if (value instanceof Map) {
    const members = new Map<CborKey, unknown>();
    for (const [name, member] of value) {
      if (typeof name === 'number' && !Number.isSafeInteger(name)) refuseValue();
      members.set(name, toEncodable(member, depth + 1));
    }
    return members;
  }
  return Array.isArray(value) ? value.map((item: CborValue) => toEncodable(item, depth + 1)) : refuseValue();
}

/** The one encoding of a value. Errors: `module/internal` for fractions, integers beyond 64 bits, more than 16 levels. */
export function encodeCbor(value: CborValue): Bytes {
  return ownBytes(encode(toEncodable(value, 0), rfc8949EncodeOptions));
}

/** Reads one object that fills `bytes` wholly. Maps come as Map. Linear in time and memory. Errors: `cbor/*`. */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = {}): CborValue {
  scanCbor(bytes, {
    depth: limits.depth ?? LIMITS.cborDepth,
    sizeBytes: limits.sizeBytes ?? LIMITS.cborSizeBytes,
    items: limits.items ?? LIMITS.cborItems,
  });
  const whole = ownBytes(bytes);
  // After the walk nothing else than a CborValue can come of it.
  let value: CborValue;
  try {
    value = decode(whole, {
      strict: true,
      useMaps: true,
      rejectDuplicateMapKeys: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
    });
  } catch (cause) {
    throw new FareboxError('cbor/not-deterministic', undefined, { cause });
  }
  if (!equalBytes(encodeCbor(value), whole)) throw new FareboxError('cbor/not-deterministic');
  return value;
}
