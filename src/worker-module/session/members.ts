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
  return mapMember(members, name, (key) => typeof key === 'number');
}

/** A map from texts. */
export function textMapMember(members: Members, name: CborKey): ReadonlyMap<string, CborValue> {
  return mapMember(members, name, (key) => typeof key === 'string');
}

function mapMember<Key extends CborKey>(
  members: Members,
  name: CborKey,
  isKey: (key: CborKey) => key is Key,
): ReadonlyMap<Key, CborValue> {
  const value = members.get(name);
  if (!(value instanceof Map)) throw altered(name);
  const mapped = new Map<Key, CborValue>();
  for (const [key, member] of value) {
    if (!isKey(key)) throw altered(name);
    mapped.set(key, member);
  }
  return mapped;
}

/** The error of a member that is not what this build writes. */
export function altered(name: CborKey): FareboxError {
  return new FareboxError('store/altered', { member: name });
}
