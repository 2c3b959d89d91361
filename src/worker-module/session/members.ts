// Typed reading of what the module sealed for itself. Called by the codecs of this folder. What does not fit was altered or written by
// another build: `store/altered`, never a default.

import type { CborKey, CborValue } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';

/** Members of one sealed map. */
export type Members = ReadonlyMap<CborKey, CborValue>;

/** A whole number from 0. */
export function numberMember(members: Members, name: CborKey): number {
  const value = members.get(name);
  if (typeof value !== 'number' || value < 0) throw altered(name);
  return value;
}

/** A text. */
export function textMember(members: Members, name: CborKey): string {
  const value = members.get(name);
  if (typeof value !== 'string') throw altered(name);
  return value;
}

/** A map from frame numbers. */
export function frameMapMember(members: Members, name: CborKey): ReadonlyMap<number, CborValue> {
  const value = members.get(name);
  if (!(value instanceof Map)) throw altered(name);
  const frames = new Map<number, CborValue>();
  for (const [frame, member] of value) {
    if (typeof frame !== 'number') throw altered(name);
    frames.set(frame, member);
  }
  return frames;
}

/** A map from texts. */
export function textMapMember(members: Members, name: CborKey): ReadonlyMap<string, CborValue> {
  const value = members.get(name);
  if (!(value instanceof Map)) throw altered(name);
  const named = new Map<string, CborValue>();
  for (const [text, member] of value) {
    if (typeof text !== 'string') throw altered(name);
    named.set(text, member);
  }
  return named;
}

/** The error of a member that is not what this build writes. */
export function altered(name: CborKey): FareboxError {
  return new FareboxError('store/altered', { member: name });
}
