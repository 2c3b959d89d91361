// The port between whoever looks after modules and what the provider knows of them. Two adapters: direct-registry.ts on the
// database and admin/admin-modules.ts over a running server. It reads, and changes nothing but the untrusted list.

import type { ModuleId } from '../../src/protocol/ids.ts';

/** A module as the list shows it. Times in ms since 1970. */
export type ModuleSummary = {
  readonly id: ModuleId;
  /** False where it is on the untrusted list. */
  readonly trusted: boolean;
  readonly enrolledTime: number;
  /** Its present epoch, and when that began. */
  readonly epoch: number;
  readonly epochTime: number;
  /** Highest counter of a contact in its present epoch. */
  readonly lastCounter: number;
  /** When any contact was last accepted, or null. */
  readonly lastContactTime: number | null;
  /** Alarms that are kept. */
  readonly alarmCount: number;
};

/** An epoch that is over, as it was left. */
export type PastEpoch = {
  readonly epoch: number;
  /** 16 bytes. */
  readonly device: Uint8Array;
  readonly beganTime: number;
  readonly endedTime: number;
  readonly lastCounter: number;
  /** 32 bytes. */
  readonly lastHead: Uint8Array;
};

/** One alarm with its evidence: COSE bytes that anyone can verify with the agency's public key. */
export type KeptAlarm = {
  readonly id: number;
  readonly epoch: number;
  readonly kind: 'regress' | 'fork' | 'superseded';
  readonly source: 'contact' | 'receipt';
  readonly time: number;
  readonly shownCounter: number;
  /** 32 bytes. */
  readonly shownHead: Uint8Array;
  /** Null where the epoch decided. */
  readonly expectedCounter: number | null;
  /** 32 bytes; null where only the counter, or nothing, was expected. */
  readonly expectedHead: Uint8Array | null;
  /** The response or receipt that was refused. */
  readonly evidence: Uint8Array;
  /** The certificate beside it. */
  readonly certificate: Uint8Array;
  /** What the same key had signed before, where it is still known. */
  readonly expectedEvidence: Uint8Array | null;
};

/** Everything known of a module. */
export type ModuleDetails = ModuleSummary & {
  /** 16 bytes. */
  readonly device: Uint8Array;
  /** 32 bytes. */
  readonly lastHead: Uint8Array;
  readonly certificateExpires: number;
  /** Newest first; the newest hundred. */
  readonly pastEpochs: readonly PastEpoch[];
  /** Newest first; their number is bounded. */
  readonly alarms: readonly KeptAlarm[];
};

/** Modules as their keeper uses them. */
export type ModuleRegistry = {
  /** The thousand that enrolled last, newest first. */
  readonly list: () => Promise<readonly ModuleSummary[]>;
  /** @throws FareboxError `module/unknown`. */
  readonly find: (id: ModuleId) => Promise<ModuleDetails>;
  /** Puts an id on the untrusted list, durable on return; it may be one that never enrolled here. */
  readonly distrust: (id: ModuleId) => Promise<void>;
  /** Takes an id off the untrusted list, durable on return. */
  readonly trust: (id: ModuleId) => Promise<void>;
};
