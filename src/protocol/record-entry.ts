// Entries of the record (docs/protocol.md §8) and the hash chain over them. Written by the module only; the bytes of an
// entry never change once a head has been made over them. Whether an entry may follow another is the record's business.

import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, utf8 } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { FareboxError, type FareboxErrorCode, isErrorCode } from './errors.ts';
import {
  type ContentHash,
  decodeProgrammeId,
  decodeProviderId,
  decodeSessionId,
  idBytes,
  type ProgrammeId,
  type ProviderId,
  type SessionId,
} from './ids.ts';
import { isLabel } from './label.ts';
import { DEVICE_LENGTH_BYTES, isLife } from './life.ts';
import { LIMITS } from './limits.ts';
import { type MembersReader, readMembers } from './members.ts';

/** What every entry has. `counter` from 1 without gaps; `time` in ms since 1970. */
type EntryBase = Readonly<{ counter: number; time: number }>;

/** One entry: a session exists. */
export type OpenedEntry = EntryBase &
  Readonly<{ kind: 'opened'; session: SessionId; programme: ProgrammeId; grantHash: ContentHash }>;
/** One entry: the key of this frame is about to be made. */
export type ReservedEntry = EntryBase & Readonly<{ kind: 'reserved'; session: SessionId; frame: number; rung: string }>;
/** One entry: this frame left the module as pictures and sound; it is counted. */
export type DecryptedEntry = EntryBase &
  Readonly<{ kind: 'decrypted'; session: SessionId; frame: number; rung: string; late: boolean }>;
/** One entry: play stood still for this frame that long, ms, 1 to `LIMITS.stalledMs`; of sessions with a contract (docs/protocol.md §17). */
export type StalledEntry = EntryBase & Readonly<{ kind: 'stalled'; session: SessionId; frame: number; ms: number }>;
/** One entry: this frame did not leave the module, and why. */
export type FailedEntry = EntryBase &
  Readonly<{ kind: 'failed'; session: SessionId; frame: number; code: FareboxErrorCode }>;
/** One entry: the session has ended. */
export type ClosedEntry = EntryBase & Readonly<{ kind: 'closed'; session: SessionId }>;
/** One entry: its receipt was signed. */
export type ReceiptEntry = EntryBase & Readonly<{ kind: 'receipt'; session: SessionId; receiptHash: ContentHash }>;
/** One entry: the provider's answer was kept. */
export type AcknowledgedEntry = EntryBase &
  Readonly<{ kind: 'acknowledged'; session: SessionId; sequenceNumber: number }>;
/** One entry: the store was lost or altered, or another copy of this module was met. */
export type AlarmEntry = EntryBase & Readonly<{ kind: 'alarm'; code: FareboxErrorCode }>;
/** One entry: a new epoch was granted to this device (16 bytes). `epoch` from 1. */
export type EpochEntry = EntryBase & Readonly<{ kind: 'epoch'; device: Uint8Array; epoch: number }>;
/** What a `disclosed` entry can speak of; a receipt that leaves has an entry of its own. */
export const DISCLOSURES = ['enrolment', 'contact', 'backup', 'claim', 'agreement', 'pin', 'card'] as const;
/** One of them. */
export type Disclosure = (typeof DISCLOSURES)[number];
/** One entry: something is about to leave the module. `to`: the provider it is for; null where it is for the agency or the person. */
export type DisclosedEntry = EntryBase & Readonly<{ kind: 'disclosed'; what: Disclosure; to: ProviderId | null }>;

/** One entry of the record. */
export type RecordEntry =
  | OpenedEntry
  | ReservedEntry
  | DecryptedEntry
  | FailedEntry
  | StalledEntry
  | ClosedEntry
  | ReceiptEntry
  | AcknowledgedEntry
  | AlarmEntry
  | EpochEntry
  | DisclosedEntry;

/** Head of an empty record: 32 zero bytes, made anew at each call. */
export function firstHead(): Bytes {
  return new Uint8Array(32);
}

const HEAD_LABEL = utf8('farebox/1 record');
const CODE = 'store/altered';

function ownMembers(entry: RecordEntry): readonly (readonly [string, CborValue])[] {
  switch (entry.kind) {
    case 'opened':
      return [
        ['session', idBytes(entry.session)],
        ['programme', idBytes(entry.programme)],
        ['grantHash', idBytes(entry.grantHash)],
      ];
    case 'reserved':
      return [
        ['session', idBytes(entry.session)],
        ['frame', entry.frame],
        ['rung', entry.rung],
      ];
    case 'decrypted':
      return [
        ['session', idBytes(entry.session)],
        ['frame', entry.frame],
        ['rung', entry.rung],
        ['late', entry.late],
      ];
    case 'failed':
      return [
        ['session', idBytes(entry.session)],
        ['frame', entry.frame],
        ['code', entry.code],
      ];
    case 'stalled':
      return [
        ['session', idBytes(entry.session)],
        ['frame', entry.frame],
        ['ms', entry.ms],
      ];
    case 'closed':
      return [['session', idBytes(entry.session)]];
    case 'receipt':
      return [
        ['session', idBytes(entry.session)],
        ['receiptHash', idBytes(entry.receiptHash)],
      ];
    case 'acknowledged':
      return [
        ['session', idBytes(entry.session)],
        ['sequenceNumber', entry.sequenceNumber],
      ];
    case 'alarm':
      return [['code', entry.code]];
    case 'epoch':
      return [
        ['device', entry.device],
        ['epoch', entry.epoch],
      ];
    case 'disclosed':
      return [
        ['what', entry.what],
        ['to', entry.to === null ? new Uint8Array(0) : idBytes(entry.to)],
      ];
  }
}

/** The bytes that are chained and kept. */
export function encodeEntry(entry: RecordEntry): Bytes {
  return encodeCbor(
    new Map<string, CborValue>([
      ['counter', entry.counter],
      ['time', entry.time],
      ['kind', entry.kind],
      ...ownMembers(entry),
    ]),
  );
}

/** Reads an entry back. Errors: `store/altered`: the module wrote it itself, so anything else than an entry is a fault of the store. */
export function decodeEntry(bytes: Uint8Array): RecordEntry {
  let value: CborValue;
  try {
    value = decodeCbor(bytes);
  } catch (cause) {
    throw new FareboxError(CODE, undefined, { cause });
  }
  const members = readMembers(value, CODE);
  const counter = members.integer('counter', 1, Number.MAX_SAFE_INTEGER);
  const time = members.integer('time', 0, Number.MAX_SAFE_INTEGER);
  const entry = readKind(members, { counter, time });
  members.end();
  return entry;
}

function readKind(members: MembersReader, base: EntryBase): RecordEntry {
  const kind = members.text('kind', 16);
  const session = () => decodeSessionId(members.raw('session'), CODE);
  const frame = () => members.integer('frame', 0, LIMITS.frameNumbers - 1);
  switch (kind) {
    case 'opened': {
      const programme = decodeProgrammeId(members.raw('programme'), CODE);
      return { ...base, kind, session: session(), programme, grantHash: members.hash('grantHash') };
    }
    case 'reserved':
      return { ...base, kind, session: session(), frame: frame(), rung: readRung(members) };
    case 'decrypted': {
      const late = members.raw('late');
      if (typeof late !== 'boolean') throw new FareboxError(CODE, { member: 'late' });
      return { ...base, kind, session: session(), frame: frame(), rung: readRung(members), late };
    }
    case 'failed':
      return { ...base, kind, session: session(), frame: frame(), code: readCode(members) };
    case 'stalled':
      return { ...base, kind, session: session(), frame: frame(), ms: members.integer('ms', 1, LIMITS.stalledMs) };
    case 'closed':
      return { ...base, kind, session: session() };
    case 'receipt':
      return { ...base, kind, session: session(), receiptHash: members.hash('receiptHash') };
    case 'acknowledged':
      return {
        ...base,
        kind,
        session: session(),
        sequenceNumber: members.integer('sequenceNumber', 1, Number.MAX_SAFE_INTEGER),
      };
    case 'alarm':
      return { ...base, kind, code: readCode(members) };
    case 'epoch': {
      const life = {
        device: members.bytes('device', DEVICE_LENGTH_BYTES, DEVICE_LENGTH_BYTES),
        epoch: members.integer('epoch', 1, LIMITS.epochs),
      };
      if (!isLife(life)) throw new FareboxError(CODE, { member: 'device' });
      return { ...base, kind, ...life };
    }
    case 'disclosed':
      return { ...base, kind, what: readDisclosure(members), to: readAddressee(members) };
    default:
      throw new FareboxError(CODE, { member: 'kind' });
  }
}

function readRung(members: MembersReader): string {
  const rung = members.text('rung', LIMITS.labelLength);
  if (!isLabel(rung)) throw new FareboxError(CODE, { member: 'rung' });
  return rung;
}

function readDisclosure(members: MembersReader): Disclosure {
  const what = members.text('what', 16);
  const disclosure = DISCLOSURES.find((known) => known === what);
  if (disclosure === undefined) throw new FareboxError(CODE, { member: 'what' });
  return disclosure;
}

function readAddressee(members: MembersReader): ProviderId | null {
  const to = members.bytes('to', 0, 16);
  return to.length === 0 ? null : decodeProviderId(to, CODE);
}

function readCode(members: MembersReader): FareboxErrorCode {
  const code = members.text('code', 64);
  if (!isErrorCode(code)) throw new FareboxError(CODE, { member: 'code' });
  return code;
}

/** Head after an entry: SHA-256(`farebox/1 record` ‖ head ‖ entry bytes), 32 bytes. Errors: `module/internal` for a head that has not 32. */
export function nextHead(head: Uint8Array, entryBytes: Uint8Array): Bytes {
  if (head.length !== 32) throw new FareboxError('module/internal', { expected: 'a head of 32 bytes' });
  return sha256(concatBytes(HEAD_LABEL, head, entryBytes));
}
