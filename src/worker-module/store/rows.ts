// The rows of the module's database: one type for each object store. Owned by store/; record/, session/, keys/ and receipts/
// read and write them through the RecordStore port only. Every row has a version: an unknown one stops the module (store/newer-version).
// No row holds a clear secret but the vault's device slot, which is the key of a module that nobody has locked (docs/decisions/0006).

import type { FareboxErrorCode } from '../../protocol/errors.ts';
import type { ModuleId, SessionId } from '../../protocol/ids.ts';

/** Version of every row written by this build. Version 1 is read by the migration only. */
export const ROW_VERSION = 2;

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

/**
 * The ways to the root key (32 bytes), from which every key of the module is derived (keys/root.ts). `device` is there while no lock is
 * set, and is the only one then; with a lock it is gone, and any one of the others opens the module.
 */
export type VaultRow = { readonly name: 'vault'; readonly version: number; readonly slots: readonly VaultSlot[] };

/** One way to the root key. */
export type VaultSlot =
  /** No lock: the root key itself, 32 bytes. */
  | { readonly kind: 'device'; readonly rootKey: Uint8Array }
  /** The authenticator's PRF output for `prfSalt` (32 bytes), through HKDF, opens it. */
  | (SealedBytes & { readonly kind: 'passkey'; readonly credentialId: Uint8Array; readonly prfSalt: Uint8Array })
  /** scrypt (RFC 7914) of the passphrase with this salt (16 bytes) and cost opens it. */
  | (SealedBytes & {
      readonly kind: 'passphrase';
      readonly salt: Uint8Array;
      readonly costLog2: number;
      readonly blockSize: number;
      readonly parallelism: number;
    });

/**
 * The module's own key pairs, and what the agency said of them. `sealed`: both private keys (PKCS #8) under the wrapping key. `bound`: of a
 * module made by version 1 of this database, keys that no script can read: they can be neither locked nor backed up.
 */
export type IdentityKeys =
  | (SealedBytes & { readonly kind: 'sealed' })
  | { readonly kind: 'bound'; readonly signingKey: CryptoKey; readonly openingKey: CryptoKey };

/** Who the module is. */
export type IdentityRow = {
  readonly name: 'identity';
  readonly version: number;
  readonly moduleId: ModuleId;
  /** 16 random bytes, drawn at install and at every new epoch; 16 zero bytes for a module of version 1. */
  readonly device: Uint8Array;
  /** Which life of the module this is: from 1, 0 for a module of version 1; a new one is granted by the agency. */
  readonly epoch: number;
  /** 32 bytes, Ed25519. */
  readonly signingPublicKey: Uint8Array;
  /** 32 bytes, X25519. */
  readonly openingPublicKey: Uint8Array;
  readonly keys: IdentityKeys;
  /** COSE bytes of the enrolment request for `device` and `epoch`, the same for good. */
  readonly enrolmentRequest: Uint8Array;
  /** COSE bytes of the agency's certificate for `device` and `epoch`, or null before enrolment. */
  readonly certificate: Uint8Array | null;
  /** A new epoch that was asked for and is not granted yet; the request is kept before it is sent. */
  readonly pending: {
    readonly device: Uint8Array;
    readonly epoch: number;
    readonly enrolmentRequest: Uint8Array;
  } | null;
};

/** What the person has set. */
export type SettingsRow = {
  readonly name: 'settings';
  readonly version: number;
  /** Milliseconds without a command after which the module locks itself; null: never. Only where there is a lock. */
  readonly idleLockMs: number | null;
  /** What may be reserved in 24 hours without asking, minor units of any one currency. */
  readonly allowanceMinor: number;
  /** What the frame's window last said of `navigator.storage.persisted()`. */
  readonly persistent: boolean;
};

/** A passkey that opens the backup as well: its slot in the file, and where the provider keeps a copy for it. */
export type BackupPasskeyRow = {
  /** 1 to 1023 bytes. */
  readonly credentialId: Uint8Array;
  readonly nonce: Uint8Array;
  /** 32 bytes: the backup's secret under what only this passkey gives. */
  readonly wrapped: Uint8Array;
  /** 16 bytes. */
  readonly locator: Uint8Array;
};

/** The backup that the person has made. */
export type BackupRow = {
  readonly name: 'backup';
  readonly version: number;
  /** The backup's secret (16 bytes, the recovery words' entropy) under the wrapping key, so that a fresh copy can be made without asking. */
  readonly secret: SealedBytes;
  /** 16 bytes: where the provider keeps its copy. */
  readonly locator: Uint8Array;
  /** Passkeys beside the words; left out by builds that knew of none. */
  readonly passkeys?: readonly BackupPasskeyRow[];
  readonly madeTime: number;
  /** When the person showed that the words open it; null before. */
  readonly verifiedTime: number | null;
};

/** The provider's last signed word on this module (docs/protocol.md §14). */
export type StandingRow = {
  readonly name: 'standing';
  readonly version: number;
  /** COSE bytes. */
  readonly standing: Uint8Array;
  readonly providerCertificate: Uint8Array;
  readonly acceptedTime: number;
};

/** What a restore or a recovery has come to, sealed under the record key (backup/restore-report.ts). */
export type RestoreRow = SealedBytes & { readonly name: 'restore'; readonly version: number };

/** The downloaded keys, the requests for them and what was agreed on them, sealed under the wrapping key (keys/keyring.ts). */
export type KeysRow = SealedBytes & { readonly name: 'keys'; readonly version: number };

/** Rows of which there is one. */
export type MetaRow = HeaderRow | VaultRow | IdentityRow | SettingsRow | BackupRow | StandingRow | RestoreRow | KeysRow;

/** Name of a row of which there is one. */
export type MetaName = MetaRow['name'];

/**
 * One thing the module has begun and has to bring to an end (operations/operation.ts says which states each kind has). Found by its status:
 * what is not `done` or `failed` is taken up at start.
 */
export type OperationRow = {
  /** Kind and what it is about: `session/<id>`, `epoch`, `backup`, `restore`. */
  readonly name: string;
  readonly version: number;
  readonly kind: 'session' | 'enrolment' | 'epoch' | 'backup' | 'restore';
  readonly status: OperationStatus;
  /** Why it failed or what it needs; null otherwise. */
  readonly code: FareboxErrorCode | null;
  readonly session: SessionId | null;
  readonly changedTime: number;
};

/** What a person sees of an operation; never two at once. */
export type OperationStatus = 'working' | 'waiting' | 'needs-you' | 'done' | 'failed';

/** One commit's record entries, sealed together. Added once, never changed, never removed. */
export type PageRow = SealedBytes & {
  readonly firstCounter: number;
  readonly version: number;
  readonly count: number;
  /** 32 bytes: head of the chain before this page. */
  readonly previousHead: Uint8Array;
};

/**
 * `open` → `closing` (entry written, receipt being made) → `closed` (receipt durable) → `accepted` (acknowledgement kept), or `refused`: the
 * provider has another receipt for it, from another copy of this module.
 */
export type SessionRowState = 'open' | 'closing' | 'closed' | 'accepted' | 'refused';

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
  /** Under the session's secrets key: tree nodes and the leaves of frames reserved but not counted. Null when the session has ended. */
  readonly secrets: SealedBytes | null;
  /** The secrets key (32 bytes, made from the session key) under the wrapping key; erased when the session ends, and with it every held leaf. */
  readonly secretsKey: SealedBytes | null;
};

/** Leaves of the frames counted in one commit, held for replay, sealed under the session's secrets key. */
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
