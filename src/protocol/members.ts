// Maps with text keys (manifest, receipt file, record entry): reading members strictly, as claims.ts does for signed
// objects. Every getter throws the code that the reader was made with; a member nobody asked for is refused at the end.

import type { CborKey, CborValue } from './cbor.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { type ContentHash, decodeContentHash } from './ids.ts';

/** Takes members out one by one. */
export type MembersReader = Readonly<{
  /** The value as it is. */
  raw(name: string): CborValue;
  /** True where there is such a member. */
  has(name: string): boolean;
  /** A text of 1 to `maxLength` UTF-16 units. */
  text(name: string, maxLength: number): string;
  /** Bytes, `minLength` to `maxLength` of them. */
  bytes(name: string, minLength: number, maxLength: number): Uint8Array;
  /** An integer from `min` to `max`. */
  integer(name: string, min: number, max: number): number;
  /** 32 bytes as a content hash. */
  hash(name: string): ContentHash;
  /** Throws where a member is left that no getter asked for. */
  end(): void;
}>;

/** A reader over a decoded map. Throws `code`, also where `value` is no map. */
export function readMembers(value: CborValue, code: FareboxErrorCode): MembersReader {
  if (!(value instanceof Map)) throw new FareboxError(code, { expected: 'map' });
  const members: ReadonlyMap<CborKey, CborValue> = value;
  const asked = new Set<CborKey>();
  const refuse = (name: string): never => {
    throw new FareboxError(code, { member: name });
  };
  const raw = (name: string): CborValue => {
    const member = members.get(name);
    asked.add(name);
    return member === undefined ? refuse(name) : member;
  };
  return {
    raw,
    has: (name) => members.has(name),
    text(name, maxLength) {
      const member = raw(name);
      return typeof member === 'string' && member.length > 0 && member.length <= maxLength ? member : refuse(name);
    },
    bytes(name, minLength, maxLength) {
      const member = raw(name);
      const fits = member instanceof Uint8Array && member.length >= minLength && member.length <= maxLength;
      return fits ? member : refuse(name);
    },
    integer(name, min, max) {
      const member = raw(name);
      return typeof member === 'number' && member >= min && member <= max ? member : refuse(name);
    },
    hash: (name) => decodeContentHash(raw(name), code),
    end() {
      for (const name of members.keys()) if (!asked.has(name)) refuse(String(name));
    },
  };
}
