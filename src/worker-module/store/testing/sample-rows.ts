// Rows and commits with nothing in them but their shape, for tests of the store. What is sealed in them opens with no key.

import { decodeModuleId, decodeSessionId, type SessionId } from '../../../protocol/ids.ts';
import type { StoreCommit } from '../record-store.ts';
import {
  type BackupRow,
  type HeldRow,
  heldFrameName,
  type IdentityRow,
  type KeysRow,
  type OperationRow,
  type OperationStatus,
  type PageRow,
  type ReceiptRow,
  type RestoreRow,
  ROW_VERSION,
  type SessionRow,
  type SettingsRow,
  type StandingRow,
  type VaultRow,
} from '../rows.ts';

export const SESSION = decodeSessionId('0123456789abcdef0123456789abcdef');
export const OTHER = decodeSessionId('fedcba9876543210fedcba9876543210');
/** Sealed bytes by their look. */
export const SEALED = { nonce: new Uint8Array(12), sealed: new Uint8Array([1, 2, 3]) };

/** An empty commit on top of `revision`; on an empty database for 0. */
export function commitAt(revision: number, more: Partial<StoreCommit> = {}): StoreCommit {
  return {
    expectedRevision: revision === 0 ? null : revision,
    reset: false,
    header: {
      ...{ name: 'header', version: ROW_VERSION, revision: revision + 1, counter: revision, head: new Uint8Array(32) },
    },
    ...{ meta: [], removedMeta: [], pages: [], sessions: [], held: [], releasedSessions: [], receipts: [] },
    operations: [],
    ...more,
  };
}

/** A page of `count` entries from `firstCounter`. */
export function pageRow(firstCounter: number, count: number): PageRow {
  const sealed = SEALED.sealed.slice();
  return { firstCounter, version: ROW_VERSION, count, previousHead: new Uint8Array(32), nonce: SEALED.nonce, sealed };
}

/** An open session. */
export function sessionRow(session: SessionId, openedTime: number): SessionRow {
  const bytes = new Uint8Array([7]);
  return {
    ...{ session, version: ROW_VERSION, state: 'open', openedTime, openedCounter: 1, programme: bytes, grant: bytes },
    ...{ providerCertificate: bytes, terms: SEALED, progress: SEALED, secrets: null, secretsKey: null },
  };
}

/** Held leaves of `frames`. */
export function heldRow(session: SessionId, pageCounter: number, frames: readonly number[]): HeldRow {
  const frameNames = frames.map((frame) => heldFrameName(session, frame));
  return { session, pageCounter, version: ROW_VERSION, frameNames, ...SEALED };
}

/** A receipt without an answer. */
export function receiptRow(session: SessionId, closedTime: number): ReceiptRow {
  const bytes = new Uint8Array([9]);
  return { session, version: ROW_VERSION, closedTime, receipt: bytes, certificate: bytes, acknowledgement: null };
}

/** An operation of a kind of which there may be many. */
export function operationRow(name: string, status: OperationStatus, changedTime: number): OperationRow {
  return { name, version: ROW_VERSION, kind: 'session', status, code: null, session: SESSION, changedTime };
}

/** One of each row of which there is one, but for the header. */
export const META_ROWS: readonly [VaultRow, IdentityRow, SettingsRow, BackupRow, StandingRow, RestoreRow, KeysRow] = [
  {
    ...{ name: 'vault', version: ROW_VERSION },
    slots: [
      { kind: 'device', rootKey: new Uint8Array(32) },
      {
        ...{ kind: 'passkey', credentialId: new Uint8Array(16), prfSalt: new Uint8Array(32) },
        ...{ nonce: new Uint8Array(12), sealed: new Uint8Array(48) },
      },
      {
        ...{ kind: 'passphrase', salt: new Uint8Array(16), costLog2: 17, blockSize: 8, parallelism: 1 },
        ...{ nonce: new Uint8Array(12), sealed: new Uint8Array(48) },
      },
    ],
  },
  {
    ...{ name: 'identity', version: ROW_VERSION, moduleId: decodeModuleId('00112233445566778899aabbccddeeff') },
    ...{ device: new Uint8Array(16), epoch: 1, signingPublicKey: new Uint8Array(32) },
    ...{ openingPublicKey: new Uint8Array(32), keys: { kind: 'sealed', ...SEALED } },
    ...{ enrolmentRequest: new Uint8Array([1]), certificate: null },
    pending: { device: new Uint8Array(16), epoch: 2, enrolmentRequest: new Uint8Array([2]) },
  },
  { name: 'settings', version: ROW_VERSION, idleLockMs: 60_000, allowanceMinor: 50_000, persistent: false },
  {
    ...{ name: 'backup', version: ROW_VERSION, secret: SEALED, locator: new Uint8Array(16), madeTime: 1 },
    passkeys: [
      {
        ...{ credentialId: new Uint8Array(16), nonce: new Uint8Array(12), wrapped: new Uint8Array(32) },
        locator: new Uint8Array(16),
      },
    ],
    verifiedTime: null,
  },
  {
    ...{ name: 'standing', version: ROW_VERSION, standing: new Uint8Array([3]) },
    ...{ providerCertificate: new Uint8Array([4]), acceptedTime: 2 },
  },
  { name: 'restore', version: ROW_VERSION, ...SEALED },
  { name: 'keys', version: ROW_VERSION, ...SEALED },
];
