// The rows of version 1 of the module's database, frozen: what the first build wrote, read by the migration (migrate-v1.ts) and by nothing else.
// Never edited again: a change here would misread the databases of people who have not opened the module since.

import type { ModuleId, SessionId } from '../../../protocol/ids.ts';

/** Version of every row here. */
export const VERSION_1 = 1;

/** Sealed with AES-256-GCM. */
export type Sealed1 = { readonly nonce: Uint8Array; readonly sealed: Uint8Array };

/** The one moving point. */
export type HeaderRow1 = {
  readonly name: 'header';
  readonly version: number;
  readonly revision: number;
  readonly counter: number;
  /** 32 bytes. */
  readonly head: Uint8Array;
};

/** The key of pages, terms, progress and the checkpoint's body: a CryptoKey of its own, not extractable. */
export type RecordKeyRow1 = { readonly name: 'record-key'; readonly version: number; readonly sealingKey: CryptoKey };

/** The module's key pairs, not extractable. */
export type IdentityRow1 = {
  readonly name: 'identity';
  readonly version: number;
  readonly moduleId: ModuleId;
  readonly signingKey: CryptoKey;
  /** 32 bytes, Ed25519. */
  readonly signingPublicKey: Uint8Array;
  readonly openingKey: CryptoKey;
  /** 32 bytes, X25519. */
  readonly openingPublicKey: Uint8Array;
  readonly enrolmentRequest: Uint8Array;
  readonly certificate: Uint8Array | null;
};

/** One commit's entries. */
export type PageRow1 = Sealed1 & {
  readonly firstCounter: number;
  readonly version: number;
  readonly count: number;
  /** 32 bytes. */
  readonly previousHead: Uint8Array;
};

/** One session. */
export type SessionRow1 = {
  readonly session: SessionId;
  readonly version: number;
  readonly state: 'open' | 'closing' | 'closed' | 'accepted';
  readonly openedTime: number;
  readonly openedCounter: number;
  readonly programme: Uint8Array;
  readonly grant: Uint8Array;
  readonly providerCertificate: Uint8Array;
  readonly terms: Sealed1;
  readonly progress: Sealed1;
  readonly secrets: Sealed1 | null;
  /** Not extractable: its secrets are sealed anew under new key bytes. */
  readonly secretsKey: CryptoKey | null;
};

/** Leaves held for replay. */
export type HeldRow1 = Sealed1 & {
  readonly session: SessionId;
  readonly pageCounter: number;
  readonly version: number;
  readonly frameNames: readonly string[];
};

/** A signed receipt. */
export type ReceiptRow1 = {
  readonly session: SessionId;
  readonly version: number;
  readonly closedTime: number;
  readonly receipt: Uint8Array;
  readonly certificate: Uint8Array;
  readonly acknowledgement: Uint8Array | null;
};

/** A whole database of version 1. */
export type Version1Database = {
  readonly header: HeaderRow1;
  readonly recordKey: RecordKeyRow1 | null;
  readonly identity: IdentityRow1 | null;
  /** In order. */
  readonly pages: readonly PageRow1[];
  readonly sessions: readonly SessionRow1[];
  readonly held: readonly HeldRow1[];
  readonly receipts: readonly ReceiptRow1[];
};
