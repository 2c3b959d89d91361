// Fig. 2 as it goes over the wire (docs/protocol.md §24, MC-3, MC-5): the ticket that says what a provider expects, the token made of it, and
// the module's answers, for a sign-in and for a PIN. Both ends write and read them; whether a tag fits, dea.ts says.

import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, equalBytes, utf8 } from '../bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../cbor.ts';
import { FareboxError, type FareboxErrorCode } from '../errors.ts';
import { decodeModuleId, idBytes, type ModuleId } from '../ids.ts';
import { isKeyReference } from '../key-unit/references.ts';
import { DEVICE_LENGTH_BYTES, isLife } from '../life.ts';
import { LIMITS } from '../limits.ts';
import { TAG_LENGTH_BYTES } from './dea.ts';
import { DERIVING_KEY_LENGTH_BYTES } from './kdf.ts';

const TICKET_TYPE = 'farebox/sign-in-ticket';
const SIGN_IN_TYPE = 'farebox/sign-in';
const PIN_TYPE = 'farebox/pin-sign-in';
const VERSION = 1;
const SIGN_IN_ITEMS = 10;
/** How each sign-in message begins: an array of ten items, then its type; a COSE_Sign1 begins with its tag. */
const SIGN_IN_PREFIX = encodeCbor([SIGN_IN_TYPE, ...new Array<number>(SIGN_IN_ITEMS - 1).fill(0)]).subarray(
  0,
  2 + utf8(SIGN_IN_TYPE).length,
);
const HEAD_LENGTH_BYTES = 32;
const TOKEN_KEY_INFO = utf8('farebox/1 token key');
const HEAD_LABEL = utf8('farebox/1 ticket head');

/** Bytes of a ticket's nonce. */
export const TICKET_NONCE_LENGTH_BYTES = 16;

/** What a provider expects of the module that asks for a token. It keeps none of it: the ticket comes back with the answer. */
export type SignInTicket = Readonly<{
  module: ModuleId;
  /** The module's present epoch. */
  epoch: number;
  /** Ms since 1970, whole seconds; the ticket is good before it. */
  expires: number;
  /** The highest counter met of the module in its epoch, 0 before the first. */
  counter: number;
  /** The head there, blinded (`blindHead`); 32 bytes that only the provider can compare. */
  head: Uint8Array;
  /** Under the rule `server`: the index that was drawn; null under the others. */
  index: number | null;
  /** 16 random bytes. */
  nonce: Uint8Array;
}>;

/** The answer under one series set. */
export type SignInTag = Readonly<{
  /** REF1 of the series key. */
  reference: string;
  /** Under the rule `client`: the index that was drawn; null under the others. */
  index: number | null;
  /** 16 bytes. */
  tag: Uint8Array;
}>;

/** A sign-in message: it stands where a challenge response stands, and says where the record is (§14). */
export type SignInMessage = Readonly<{
  /** As it came. */
  ticket: Uint8Array;
  /** Number of the agreement under which the tags are made. */
  agreement: number;
  /** 16 bytes. */
  device: Uint8Array;
  epoch: number;
  counter: number;
  /** 32 bytes each, as in a challenge response. */
  head: Uint8Array;
  pastHead: Uint8Array;
  /** 1 to `LIMITS.seriesSets`, by reference, ascending. */
  tags: readonly SignInTag[];
}>;

/** What a module sends with a PIN typed in: a tag of each set that a PIN chooses. */
export type PinSignIn = Pick<SignInMessage, 'ticket' | 'agreement' | 'tags'>;

type Reader = Readonly<{
  bytes: (lengthBytes: number, most?: number) => Uint8Array;
  count: (most: number) => number;
  index: () => number | null;
  text: (expected: string) => void;
  raw: () => CborValue;
}>;

function readItems(list: CborValue, length: number, code: FareboxErrorCode): Reader {
  const refuse = () => new FareboxError(code, { expected: 'a sign-in' });
  if (!Array.isArray(list) || list.length !== length) throw refuse();
  let at = 0;
  const raw = (): CborValue => list[at++];
  const count = (most: number): number => {
    const item = raw();
    if (typeof item !== 'number' || !Number.isSafeInteger(item) || item < 0 || item > most) throw refuse();
    return item;
  };
  return {
    raw,
    count,
    index: () => {
      if (list[at] !== null) return count(LIMITS.seriesNumbers - 1);
      at += 1;
      return null;
    },
    text: (expected) => {
      if (raw() !== expected) throw refuse();
    },
    bytes: (lengthBytes, most = lengthBytes) => {
      const item = raw();
      if (!(item instanceof Uint8Array) || item.length < lengthBytes || item.length > most) throw refuse();
      return item;
    },
  };
}

function decodeBounded(bytes: Uint8Array, code: FareboxErrorCode): CborValue {
  try {
    // Type, version, up to seven items, and four for each tag: nothing honest has more.
    return decodeCbor(bytes, { depth: 4, sizeBytes: LIMITS.signInSizeBytes, items: 16 + 4 * LIMITS.seriesSets });
  } catch (cause) {
    throw new FareboxError(code, { expected: 'a sign-in' }, { cause });
  }
}

/** Writes a ticket. The caller keeps to the lengths. */
export function encodeTicket(ticket: SignInTicket): Bytes {
  const { module, epoch, expires, counter, head, index, nonce } = ticket;
  const seconds = Math.floor(expires / 1000);
  return encodeCbor([TICKET_TYPE, VERSION, idBytes(module), epoch, seconds, counter, head, index, nonce]);
}

/** Reads a ticket; whose it is, its token says. Errors: `keys/malformed`. */
export function decodeTicket(bytes: Uint8Array): SignInTicket {
  const items = readItems(decodeBounded(bytes, 'keys/malformed'), 9, 'keys/malformed');
  items.text(TICKET_TYPE);
  requireVersion(items, 'keys/malformed');
  return Object.freeze({
    module: decodeModuleId(items.bytes(16), 'keys/malformed'),
    epoch: items.count(LIMITS.epochs),
    expires: 1000 * items.count(Math.floor(Number.MAX_SAFE_INTEGER / 1000)),
    counter: items.count(Number.MAX_SAFE_INTEGER),
    head: items.bytes(HEAD_LENGTH_BYTES),
    index: items.index(),
    nonce: items.bytes(TICKET_NONCE_LENGTH_BYTES),
  });
}

/** The provider's token key, 32 bytes, of its key encryption key (§23, 32 bytes). Errors: `keys/malformed` for another length. */
export function deriveTokenKey(keyEncryptionKey: Uint8Array): Bytes {
  if (keyEncryptionKey.length !== DERIVING_KEY_LENGTH_BYTES)
    throw new FareboxError('keys/malformed', { expected: 'key encryption key' });
  return Uint8Array.from(hkdf(sha256, keyEncryptionKey, undefined, TOKEN_KEY_INFO, DERIVING_KEY_LENGTH_BYTES));
}

/** The token of a ticket, 32 bytes: HMAC-SHA256 under the provider's token key (32 bytes), so that nobody else can make it. Errors: `keys/malformed` for another key. */
export function tokenOf(tokenKey: Uint8Array, ticket: Uint8Array): Bytes {
  if (tokenKey.length !== DERIVING_KEY_LENGTH_BYTES)
    throw new FareboxError('keys/malformed', { expected: 'token key' });
  return Uint8Array.from(hmac(sha256, tokenKey, ticket));
}

/**
 * What a ticket says of the head (32 bytes) that the provider has met: HMAC-SHA256 under the token key, 32 bytes. Whoever asks for a ticket
 * learns no head, so who has stolen a derived key and not the record cannot show one.
 */
export function blindHead(tokenKey: Uint8Array, head: Uint8Array): Bytes {
  return Uint8Array.from(hmac(sha256, tokenKey, concatBytes(HEAD_LABEL, head)));
}

/** Writes a sign-in message. Errors: `module/internal` where its tags are not 1 to 8 of ascending references. */
export function encodeSignIn(message: SignInMessage): Bytes {
  const { ticket, agreement, device, epoch, counter, head, pastHead, tags } = message;
  const place = [device, epoch, counter, head, pastHead] as const;
  return encodeCbor([SIGN_IN_TYPE, VERSION, ticket, agreement, ...place, encodeTags(tags)]);
}

/** Reads a sign-in message; nothing of it is believed yet. Errors: `challenge/malformed`. */
export function decodeSignIn(bytes: Uint8Array): SignInMessage {
  const items = readItems(decodeBounded(bytes, 'challenge/malformed'), SIGN_IN_ITEMS, 'challenge/malformed');
  items.text(SIGN_IN_TYPE);
  requireVersion(items, 'challenge/malformed');
  const message = {
    ticket: items.bytes(1, LIMITS.signInSizeBytes),
    agreement: items.count(LIMITS.agreements),
    device: items.bytes(DEVICE_LENGTH_BYTES),
    epoch: items.count(LIMITS.epochs),
    counter: items.count(Number.MAX_SAFE_INTEGER),
    head: items.bytes(HEAD_LENGTH_BYTES),
    pastHead: items.bytes(HEAD_LENGTH_BYTES),
    tags: decodeTags(items.raw(), 'challenge/malformed'),
  };
  if (!isLife(message)) throw new FareboxError('challenge/malformed', { expected: 'device and epoch' });
  return Object.freeze(message);
}

/** Whether these bytes are meant as a sign-in message, by how they begin; all else is left to §5. */
export function isSignIn(bytes: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, SIGN_IN_PREFIX.length), SIGN_IN_PREFIX);
}

/** Writes what goes with a PIN. Errors: as `encodeSignIn`. */
export function encodePinSignIn({ ticket, agreement, tags }: PinSignIn): Bytes {
  return encodeCbor([PIN_TYPE, VERSION, ticket, agreement, encodeTags(tags)]);
}

/** Reads it; nothing of it is believed yet. Errors: `keys/malformed`. */
export function decodePinSignIn(bytes: Uint8Array): PinSignIn {
  const items = readItems(decodeBounded(bytes, 'keys/malformed'), 5, 'keys/malformed');
  items.text(PIN_TYPE);
  requireVersion(items, 'keys/malformed');
  return Object.freeze({
    ticket: items.bytes(1, LIMITS.signInSizeBytes),
    agreement: items.count(LIMITS.agreements),
    tags: decodeTags(items.raw(), 'keys/malformed'),
  });
}

function requireVersion(items: Reader, code: FareboxErrorCode): void {
  if (items.count(VERSION) !== VERSION) throw new FareboxError(code, { expected: 'version 1' });
}

function isAscending(tags: readonly SignInTag[]): boolean {
  if (tags.length < 1 || tags.length > LIMITS.seriesSets) return false;
  return tags.every(({ reference }, at) => at === 0 || reference > (tags[at - 1]?.reference ?? ''));
}

function encodeTags(tags: readonly SignInTag[]): CborValue {
  if (!isAscending(tags)) throw new FareboxError('module/internal', { expected: 'tags by reference' });
  return tags.map(({ reference, index, tag }) => [reference, index, tag]);
}

function decodeTags(listed: CborValue, code: FareboxErrorCode): readonly SignInTag[] {
  if (!Array.isArray(listed)) throw new FareboxError(code, { expected: 'tags' });
  const tags = listed.map((line: CborValue): SignInTag => {
    const items = readItems(line, 3, code);
    const reference = items.raw();
    if (!isKeyReference(reference)) throw new FareboxError(code, { expected: 'key reference' });
    return Object.freeze({ reference, index: items.index(), tag: items.bytes(TAG_LENGTH_BYTES) });
  });
  if (!isAscending(tags)) throw new FareboxError(code, { expected: 'tags by reference' });
  return Object.freeze(tags);
}
