// Snapshots (docs/protocol.md §15, §16): a module's keys, its place and its papers as one object, from which a lost store is
// begun anew. What stands in a backup and in a checkpoint, always sealed. It holds private keys; no tree, no leaf, no session key.

import type { Bytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { renamed } from './cose.ts';
import { FareboxError } from './errors.ts';
import { decodeModuleId, decodeSessionId, idBytes, type ModuleId, partyIdOf, type SessionId } from './ids.ts';
import { DEVICE_LENGTH_BYTES, isLife } from './life.ts';
import { LIMITS } from './limits.ts';
import { type MembersReader, readMembers } from './members.ts';

const TYPE = 'farebox/snapshot';
const VERSION = 1;
const CODE = 'backup/malformed';
/** Browsers write 48 bytes for either curve, or 83 with the public key behind. */
const PKCS8_LENGTHS = { min: 48, max: 128 } as const;

/** States of a session: `open` → `closing` → `closed` → `accepted`, or `refused`, as the provider has a receipt of another copy. */
export const SNAPSHOT_SESSION_STATES = ['open', 'closing', 'closed', 'accepted', 'refused'] as const;

/** One session as the module keeps it, without what could open a frame. Times in ms since 1970. */
export type SnapshotSession = Readonly<{
  session: SessionId;
  state: (typeof SNAPSHOT_SESSION_STATES)[number];
  openedTime: number;
  /** Counter of its `opened` entry, from 1. */
  openedCounter: number;
  /** COSE bytes. */
  programme: Uint8Array;
  grant: Uint8Array;
  providerCertificate: Uint8Array;
  /** The module's own clear CBOR bytes: what was agreed, and what was shown. Not read here. */
  terms: Uint8Array;
  progress: Uint8Array;
}>;

/** One receipt as the module keeps it; COSE bytes. `acknowledgement` null until the provider's answer is kept. */
export type SnapshotReceipt = Readonly<{
  session: SessionId;
  closedTime: number;
  receipt: Uint8Array;
  /** The module's at the time. */
  certificate: Uint8Array;
  acknowledgement: Uint8Array | null;
}>;

/** A module, all but its place in a browser. */
export type Snapshot = Readonly<{
  module: ModuleId;
  /** PKCS #8, Ed25519. Empty, as is `openingKey`, where the keys of a module of version 1 cannot be read by any script. */
  signingKey: Uint8Array;
  /** PKCS #8, X25519. */
  openingKey: Uint8Array;
  /** 32 bytes, Ed25519; `module` is its id. */
  signingPublicKey: Uint8Array;
  /** 32 bytes, X25519. */
  openingPublicKey: Uint8Array;
  /** Life in which this was made; whoever restores draws a new device. */
  device: Uint8Array;
  epoch: number;
  /** COSE bytes. */
  enrolmentRequest: Uint8Array;
  /** COSE bytes, or null before enrolment. */
  certificate: Uint8Array | null;
  /** Where the record stood; `head` 32 bytes. */
  counter: number;
  head: Uint8Array;
  settings: Readonly<{
    /** Milliseconds, from 1, or null for never. */
    idleLockMs: number | null;
    /** Ten-thousandths of any one currency's unit. */
    allowanceMinor: number;
  }>;
  sessions: readonly SnapshotSession[];
  receipts: readonly SnapshotReceipt[];
}>;

/** The clear bytes, to be sealed at once. Errors: `backup/too-large` for more than `LIMITS.snapshotThings` sessions or receipts. */
export function encodeSnapshot(snapshot: Snapshot): Bytes {
  const { sessions, receipts, settings } = snapshot;
  if (sessions.length > LIMITS.snapshotThings || receipts.length > LIMITS.snapshotThings)
    throw new FareboxError('backup/too-large', { sessions: sessions.length, receipts: receipts.length });
  return encodeCbor(
    new Map<string, CborValue>([
      ['type', TYPE],
      ['version', VERSION],
      ['module', idBytes(snapshot.module)],
      ['signingKey', snapshot.signingKey],
      ['openingKey', snapshot.openingKey],
      ['signingPublicKey', snapshot.signingPublicKey],
      ['openingPublicKey', snapshot.openingPublicKey],
      ['device', snapshot.device],
      ['epoch', snapshot.epoch],
      ['enrolmentRequest', snapshot.enrolmentRequest],
      ['certificate', snapshot.certificate],
      ['counter', snapshot.counter],
      ['head', snapshot.head],
      ['settings', membersOf(settings)],
      ['sessions', sessions.map((kept) => membersOf({ ...kept, session: idBytes(kept.session) }))],
      ['receipts', receipts.map((kept) => membersOf({ ...kept, session: idBytes(kept.session) }))],
    ]),
  );
}

function membersOf(members: Readonly<Record<string, CborValue>>): ReadonlyMap<string, CborValue> {
  return new Map(Object.entries(members));
}

/** Reads a snapshot that was opened; the signed objects in it are not believed yet. Errors: `backup/malformed`, `backup/newer-version`. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const members = readMembers(readObject(bytes), CODE);
  if (members.text('type', TYPE.length) !== TYPE) throw new FareboxError(CODE, { member: 'type' });
  if (members.integer('version', VERSION, Number.MAX_SAFE_INTEGER) > VERSION)
    throw new FareboxError('backup/newer-version');
  const snapshot: Snapshot = {
    module: decodeModuleId(members.raw('module'), CODE),
    signingKey: members.bytes('signingKey', 0, PKCS8_LENGTHS.max),
    openingKey: members.bytes('openingKey', 0, PKCS8_LENGTHS.max),
    signingPublicKey: members.bytes('signingPublicKey', 32, 32),
    openingPublicKey: members.bytes('openingPublicKey', 32, 32),
    device: members.bytes('device', DEVICE_LENGTH_BYTES, DEVICE_LENGTH_BYTES),
    epoch: members.integer('epoch', 0, LIMITS.epochs),
    enrolmentRequest: signed(members, 'enrolmentRequest'),
    certificate: signedOrNull(members, 'certificate'),
    counter: members.integer('counter', 0, Number.MAX_SAFE_INTEGER),
    head: members.bytes('head', 32, 32),
    settings: readSettings(members.raw('settings')),
    sessions: readThings(members.raw('sessions'), 'sessions', readSession),
    receipts: readThings(members.raw('receipts'), 'receipts', readReceipt),
  };
  members.end();
  requireWhole(snapshot);
  return snapshot;
}

function readObject(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, { sizeBytes: LIMITS.backupSizeBytes, items: LIMITS.snapshotItems });
  } catch (cause) {
    throw renamed(cause, { malformed: CODE, signature: CODE });
  }
}

/** What no single member shows: that id and key, device and epoch, and both private keys belong together. */
function requireWhole(snapshot: Snapshot): void {
  const { module, signingPublicKey, signingKey, openingKey } = snapshot;
  if (partyIdOf(signingPublicKey) !== module) throw new FareboxError(CODE, { member: 'module' });
  if (!isLife(snapshot)) throw new FareboxError(CODE, { member: 'device' });
  const isBound = signingKey.length === 0 && openingKey.length === 0;
  if (!isBound && signingKey.length < PKCS8_LENGTHS.min) throw new FareboxError(CODE, { member: 'signingKey' });
  if (!isBound && openingKey.length < PKCS8_LENGTHS.min) throw new FareboxError(CODE, { member: 'openingKey' });
}

function signed(members: MembersReader, name: string): Uint8Array {
  return members.bytes(name, 1, LIMITS.receiptFileSizeBytes);
}

function signedOrNull(members: MembersReader, name: string): Uint8Array | null {
  return members.raw(name) === null ? null : signed(members, name);
}

function readSettings(value: CborValue): Snapshot['settings'] {
  const members = readMembers(value, CODE);
  const idleLockMs = members.raw('idleLockMs') === null ? null : members.integer('idleLockMs', 1, 2 ** 31);
  const allowanceMinor = members.integer('allowanceMinor', 0, Number(LIMITS.amountMinor));
  members.end();
  return { idleLockMs, allowanceMinor };
}

function readThings<Thing extends { readonly session: SessionId }>(
  value: CborValue,
  member: string,
  read: (members: MembersReader) => Thing,
): readonly Thing[] {
  if (!Array.isArray(value) || value.length > LIMITS.snapshotThings) throw new FareboxError(CODE, { member });
  const things = value.map((item: CborValue) => {
    const members = readMembers(item, CODE);
    const thing = read(members);
    members.end();
    return thing;
  });
  if (new Set(things.map(({ session }) => session)).size !== things.length) throw new FareboxError(CODE, { member });
  return things;
}

function readSession(members: MembersReader): SnapshotSession {
  const state = SNAPSHOT_SESSION_STATES.find((known) => known === members.raw('state'));
  if (state === undefined) throw new FareboxError(CODE, { member: 'state' });
  return {
    session: decodeSessionId(members.raw('session'), CODE),
    state,
    openedTime: members.integer('openedTime', 0, Number.MAX_SAFE_INTEGER),
    openedCounter: members.integer('openedCounter', 1, Number.MAX_SAFE_INTEGER),
    programme: signed(members, 'programme'),
    grant: signed(members, 'grant'),
    providerCertificate: signed(members, 'providerCertificate'),
    terms: members.bytes('terms', 1, LIMITS.cborSizeBytes),
    progress: members.bytes('progress', 1, LIMITS.cborSizeBytes),
  };
}

function readReceipt(members: MembersReader): SnapshotReceipt {
  return {
    session: decodeSessionId(members.raw('session'), CODE),
    closedTime: members.integer('closedTime', 0, Number.MAX_SAFE_INTEGER),
    receipt: signed(members, 'receipt'),
    certificate: signed(members, 'certificate'),
    acknowledgement: signedOrNull(members, 'acknowledgement'),
  };
}
