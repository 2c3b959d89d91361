// The rows of the module's database: one type for each object store. Owned by store/; record/, session/, keys/ and receipts/
// read and write them through the RecordStore port only. Every row has a version: an unknown one stops the module (store/newer-version).
// No row may hold a clear secret: secrets are non-extractable CryptoKeys, or bytes sealed under one.

import type { ModuleId, SessionId } from '../../protocol/ids.ts';

/** Version of every row written by this build. */
export const ROW_VERSION = 1;

/** Bytes sealed with AES-256-GCM under a key of this database. */
export type SealedBytes = { readonly nonce: Uint8Array; readonly sealed: Uint8Array };

/** The one moving point of the database: every commit reads it, compares `revision`, and writes the next. */
export type HeaderRow = {
  readonly name: 'header';
  readonly version: number;
  /** Number of commits; the fence between tabs. */
  readonly revision: number;
  /** Number of record entries. */
  readonly counter: number;
  /** 32 bytes: head of the hash chain after entry `counter`. */
  readonly head: Uint8Array;
};

/** The AES-256-GCM key, not extractable, that seals pages, progress and the checkpoint's body. */
export type RecordKeyRow = { readonly name: 'record-key'; readonly version: number; readonly sealingKey: CryptoKey };

/** The module's own key pairs, not extractable, and what the agency said of them. */
export type IdentityRow = {
  readonly name: 'identity';
  readonly version: number;
  readonly moduleId: ModuleId;
  readonly signingKey: CryptoKey;
  /** 32 bytes, Ed25519. */
  readonly signingPublicKey: Uint8Array;
  readonly openingKey: CryptoKey;
  /** 32 bytes, X25519. */
  readonly openingPublicKey: Uint8Array;
  /** COSE bytes of the enrolment request, the same for good. */
  readonly enrolmentRequest: Uint8Array;
  /** COSE bytes of the agency's certificate, or null before enrolment. */
  readonly certificate: Uint8Array | null;
};

/** One commit's record entries, sealed together. Added once, never changed, never removed. */
export type PageRow = SealedBytes & {
  readonly firstCounter: number;
  readonly version: number;
  readonly count: number;
  /** 32 bytes: head of the chain before this page. */
  readonly previousHead: Uint8Array;
};

/** `open` → `closing` (entry written, receipt being made) → `closed` (receipt durable) → `accepted` (acknowledgement kept). */
export type SessionRowState = 'open' | 'closing' | 'closed' | 'accepted';

/** One session: the signed objects it stands on, and its sealed moving state. */
export type SessionRow = {
  readonly session: SessionId;
  readonly version: number;
  readonly state: SessionRowState;
  readonly openedTime: number;
  /** Counter of its `opened` entry: reading its part of the record begins there. */
  readonly openedCounter: number;
  readonly programme: Uint8Array;
  readonly grant: Uint8Array;
  readonly providerCertificate: Uint8Array;
  /** Under the record key: what was agreed, as read from the signed objects when they were verified. Never changes. */
  readonly terms: SealedBytes;
  /** Under the record key: frames, counts, open reservations, position. Kept when the session has ended. */
  readonly progress: SealedBytes;
  /** Under `secretsKey`: tree nodes and the leaves of frames reserved but not counted. Null when the session has ended. */
  readonly secrets: SealedBytes | null;
  /** Made from the session key, not extractable; erased when the session ends, and with it every held leaf. */
  readonly secretsKey: CryptoKey | null;
};

/** Leaves of the frames counted in one commit, held for replay, sealed under the session's `secretsKey`. */
export type HeldRow = SealedBytes & {
  readonly session: SessionId;
  /** First counter of the commit that wrote it; with `session`, its key. */
  readonly pageCounter: number;
  readonly version: number;
  /** `heldFrameName` of every frame inside, for the index. */
  readonly frameNames: readonly string[];
};

/** The signed receipt of a session, byte for byte as it left. */
export type ReceiptRow = {
  readonly session: SessionId;
  readonly version: number;
  readonly closedTime: number;
  readonly receipt: Uint8Array;
  /** COSE bytes of the module's certificate at the time. */
  readonly certificate: Uint8Array;
  /** COSE bytes of the provider's answer, or null until it is kept. */
  readonly acknowledgement: Uint8Array | null;
};

/** Name of a frame in the held index. */
export function heldFrameName(session: SessionId, frame: number): string {
  return `${session}/${frame}`;
}
