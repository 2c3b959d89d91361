// Names of application keys (docs/protocol.md §23): REF1, which a unit asks for, and REF2, which says where the answer goes and which
// version it is. Both go into what is authenticated, so each has exactly one spelling.

import { FareboxError, type FareboxErrorCode } from '../errors.ts';
import { LIMITS } from '../limits.ts';

const REFERENCE = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const SLOT = /^([a-z0-9-]+)\/([1-9]\d{0,4})$/;

/** What REF2 says: the application key's name, and its version from 1. */
export type KeySlot = Readonly<{ reference: string; version: number }>;

/** True for lower-case letters, digits and hyphens between them, at most 32. */
export function isKeyReference(candidate: unknown): candidate is string {
  return typeof candidate === 'string' && candidate.length <= LIMITS.keyReferenceLength && REFERENCE.test(candidate);
}

/** Reads REF1. Throws `code`. */
export function decodeKeyReference(candidate: unknown, code: FareboxErrorCode = 'keys/malformed'): string {
  if (!isKeyReference(candidate)) throw new FareboxError(code, { expected: 'key reference' });
  return candidate;
}

/** REF2 as text, `wallet/2`. Errors: `keys/malformed` where name or version is none. */
export function encodeKeySlot({ reference, version }: KeySlot): string {
  const slot = `${reference}/${version}`;
  decodeKeySlot(slot);
  return slot;
}

/** Reads REF2. Throws `code`. */
export function decodeKeySlot(candidate: unknown, code: FareboxErrorCode = 'keys/malformed'): KeySlot {
  const [, reference, digits] = (typeof candidate === 'string' ? SLOT.exec(candidate) : null) ?? [];
  const version = Number(digits);
  if (!isKeyReference(reference) || !(version <= LIMITS.keyVersions))
    throw new FareboxError(code, { expected: 'REF2' });
  return Object.freeze({ reference, version });
}
