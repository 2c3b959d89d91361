// The module as its holder may see it: a part of the command set, which passes it on (commands.ts). Types alone.

import type { StorageSafety } from './storage-safety.ts';

/**
 * Where the module's storage stands. `wiped`: a checkpoint says more was written than the database holds; `altered`: what is stored does not
 * open or does not fit together. Both have a way back: `recover`.
 */
export type StorageState = 'ready' | 'refused' | 'full' | 'wiped' | 'altered' | 'newer-version';

/** `none`: no lock is set; `locked`: nothing but `status` and `unlock` is answered. */
export type LockState = 'none' | 'locked' | 'unlocked';

/** A way to unlock. */
export type LockFactor = 'passkey' | 'passphrase';

/** What the provider last said of this copy; `unknown` before it was asked. `regress`: older than one it has met; `fork`: another copy went on from the same state; `superseded`: restored on another device. */
export type Standing = 'unknown' | 'good' | 'regress' | 'fork' | 'superseded';

/** What may be reserved without asking. Minor units, of any one currency. */
export type Allowance = { readonly dayMinor: number; readonly leftMinor: number };

/** The module as its holder may see it. */
export type ModuleStatus = {
  /** 32 hex digits, or null before enrolment. */
  readonly moduleId: string | null;
  /** COSE bytes of the agency's certificate, or null before enrolment. */
  readonly certificate: Uint8Array | null;
  /** Which life of the module this is; 0 before enrolment. */
  readonly epoch: number;
  /** True while a new epoch was asked for and is not granted yet: the host has to enrol. */
  readonly epochPending: boolean;
  /** Number of entries in the record. */
  readonly counter: number;
  /** 32 bytes: head of the record's hash chain. */
  readonly head: Uint8Array;
  readonly storage: StorageState;
  readonly lock: LockState;
  readonly factors: readonly LockFactor[];
  readonly idleLockMinutes: number | null;
  /** False for keys made by an older version, which can be neither locked nor backed up. */
  readonly keysMovable: boolean;
  readonly standing: Standing;
  readonly safety: StorageSafety;
  readonly allowance: Allowance;
  /** Calls that the gate dropped since this worker started. */
  readonly droppedCalls: number;
};
