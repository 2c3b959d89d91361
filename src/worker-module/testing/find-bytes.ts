// Looks for bytes in anything that is stored: through objects, maps and arrays, in every byte string and every text. Called by tests that
// show that a secret is nowhere.

import { toHex } from '../../protocol/bytes.ts';

/** True where `wanted` lies somewhere within `place`, as bytes or as text of their hex digits. A CryptoKey has no bytes to look at. */
export function bytesWithin(place: unknown, wanted: Uint8Array): boolean {
  const digits = toHex(wanted);
  const isThere = (value: unknown): boolean => {
    if (typeof value === 'string') return value.includes(digits);
    if (value instanceof Uint8Array) return toHex(value).includes(digits);
    if (value instanceof Map) return [...value].some(isThere);
    if (Array.isArray(value)) return value.some(isThere);
    return typeof value === 'object' && value !== null && Object.values(value).some(isThere);
  };
  return isThere(place);
}
