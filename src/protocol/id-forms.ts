// Names of parties and things: how each is read. Branded, so that one cannot stand for another. Apart from object-hash.ts, so that what only reads
// names carries no hash function.
// An id is text in hex wherever it is text, raw bytes where it is bytes; nothing else is accepted.

import { type Bytes, fromHex, toHex } from './bytes.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Id of a module: 32 hex digits made from its Ed25519 public key. */
export type ModuleId = Branded<'module'>;
/** Id of a provider: 32 hex digits made from its Ed25519 public key. */
export type ProviderId = Branded<'provider'>;
/** Id of an agency: 32 hex digits made from its Ed25519 public key. */
export type AgencyId = Branded<'agency'>;
/** Id of a programme: 16 random bytes as 32 hex digits. */
export type ProgrammeId = Branded<'programme'>;
/** Id of a session: 16 random bytes as 32 hex digits. */
export type SessionId = Branded<'session'>;
/** SHA-256 of an immutable object, as 64 hex digits. */
export type ContentHash = Branded<'content-hash'>;

/** Fills and returns that many random bytes; given in, so that a simulator can own it. */
export type RandomBytes = (lengthBytes: number) => Uint8Array;

const ID_DIGITS = /^[0-9a-f]{32}$/;
const HASH_DIGITS = /^[0-9a-f]{64}$/;

function isId<Id extends string>(candidate: unknown, digits: RegExp): candidate is Id {
  return typeof candidate === 'string' && digits.test(candidate);
}

function decodeId<Id extends string>(candidate: unknown, digits: RegExp, code: FareboxErrorCode, expected: string): Id {
  const text = candidate instanceof Uint8Array ? toHex(candidate) : candidate;
  if (!isId<Id>(text, digits)) throw new FareboxError(code, { expected });
  return text;
}

/** Reads 32 hex digits or 16 bytes. Throws `code`. */
export function decodeModuleId(candidate: unknown, code: FareboxErrorCode = 'request/malformed'): ModuleId {
  return decodeId(candidate, ID_DIGITS, code, 'module id');
}

/** Reads 32 hex digits or 16 bytes. Throws `code`. */
export function decodeProviderId(candidate: unknown, code: FareboxErrorCode = 'request/malformed'): ProviderId {
  return decodeId(candidate, ID_DIGITS, code, 'provider id');
}

/** Reads 32 hex digits or 16 bytes. Throws `code`. */
export function decodeAgencyId(candidate: unknown, code: FareboxErrorCode = 'request/malformed'): AgencyId {
  return decodeId(candidate, ID_DIGITS, code, 'agency id');
}

/** Reads 32 hex digits or 16 bytes. Throws `code`. */
export function decodeProgrammeId(candidate: unknown, code: FareboxErrorCode = 'request/malformed'): ProgrammeId {
  return decodeId(candidate, ID_DIGITS, code, 'programme id');
}

/** Reads 32 hex digits or 16 bytes. Throws `code`. */
export function decodeSessionId(candidate: unknown, code: FareboxErrorCode = 'request/malformed'): SessionId {
  return decodeId(candidate, ID_DIGITS, code, 'session id');
}

/** Reads 64 hex digits or 32 bytes. Throws `code`. */
export function decodeContentHash(candidate: unknown, code: FareboxErrorCode = 'request/malformed'): ContentHash {
  return decodeId(candidate, HASH_DIGITS, code, 'content hash');
}

/** A new session id from 16 random bytes. */
export function makeSessionId(random: RandomBytes): SessionId {
  return decodeSessionId(random(16), 'module/internal');
}

/** A new programme id from 16 random bytes. */
export function makeProgrammeId(random: RandomBytes): ProgrammeId {
  return decodeProgrammeId(random(16), 'module/internal');
}

/** The raw bytes of an id or hash: 16 or 32. */
export function idBytes(id: ModuleId | ProviderId | AgencyId | ProgrammeId | SessionId | ContentHash): Bytes {
  return fromHex(id);
}
