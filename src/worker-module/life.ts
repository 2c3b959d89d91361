// The states that a module can be in, as its commands see them, and what a command may do about them. Types only: keeper.ts makes it.
//
//   new ─found─► open ◄──unlock── locked          lost ──recover, restore, startAnew──► open
//                 └──lock, idle, last tab closed──►┘ ▲      (a lost store that has a lock is locked first)

import type { LockState } from './commands.ts';
import type { Core, ModuleKeys } from './core.ts';
import type { SessionRooms } from './session/session-rooms.ts';
import type { CheckpointSlot, CheckpointSlots } from './store/checkpoint.ts';
import type { Locks } from './store/locks.ts';
import type { RecordStore } from './store/record-store.ts';
import type { VaultSlot } from './store/rows.ts';

/** Storage that can be reached, whatever is or is not in it. */
export type OpenedStorage = {
  readonly store: RecordStore;
  readonly slots: CheckpointSlots;
  readonly locks: Locks;
};

/** A module that is open: what its duties stand on, and the sessions that play in this tab. */
export type Opened = { readonly core: Core; readonly rooms: SessionRooms };

/** A store that was lost or altered, and whose keys are known: what `recover` and `restore` stand on. */
export type LostStore = OpenedStorage & {
  /** The newest whole checkpoint, or null where none can be read: then `keys` are new, and nothing old opens with them. */
  readonly checkpoint: CheckpointSlot | null;
  readonly keys: ModuleKeys;
  /** The vault to keep with `keys`: that of the database, or of the checkpoint where it is gone. */
  readonly rootVault: readonly VaultSlot[];
  readonly code: 'store/wiped' | 'store/altered';
};

/** The module's life in this worker. */
export type ModuleLife = {
  /** Null while locked, and where storage gives nothing to stand on. Beside a lost store it is there for reading, or null. */
  opened(): Opened | null;
  /** The lost store, once its keys are known; null otherwise. */
  lost(): LostStore | null;
  /** Storage as such, for what needs no key (`startAnew`); null where the browser gives none or a newer build has it. */
  storage(): OpenedStorage | null;
  lockState(): LockState;
  /** The ways to the root key, as last read; empty where there is no storage. */
  vault(): readonly VaultSlot[];
  /** Drops everything in memory but the keys and starts from storage again, in every tab. After a restore, a recovery or a new beginning. */
  reopen(): Promise<void>;
  /** Stops play, then forgets the keys, in every tab. @throws FareboxError `lock/none` where no lock is set. */
  lock(): Promise<void>;
  /** Opens a locked module with its root key (32 bytes), which the caller wipes. Does nothing to one that is open. @throws FareboxError `store/altered`. */
  unlock(rootKey: Uint8Array): Promise<void>;
  /** The lock, or what was set for it, was changed durably: reads it again, here and in the other tabs. */
  lockChanged(): Promise<void>;
  /** A person uses the module: the idle lock waits from now on. */
  noteUse(): void;
};
