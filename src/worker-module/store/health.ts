// How the module's storage is doing, as `status` tells it, and whether writes are refused for good. Set at start and by every commit.

import type { FareboxError, FareboxErrorCode } from '../../protocol/errors.ts';
import type { StorageState } from '../commands.ts';

/** The one place where the state of storage is kept in this worker. */
export type StorageHealth = {
  state(): StorageState;
  /** The code that every write is refused with, or null. A wiped store stays wiped: starting over would make a new customer of an old one. */
  refusal(): FareboxErrorCode | null;
  /** A commit is durable. */
  noteDurable(): void;
  /** Storage has thrown. */
  noteError(error: FareboxError): void;
};

const STATES: Readonly<Partial<Record<FareboxErrorCode, StorageState>>> = {
  'store/refused': 'refused',
  'store/full': 'full',
  'store/wiped': 'wiped',
  'store/altered': 'wiped',
  'store/newer-version': 'newer-version',
};

/** Storage that has had no trouble yet. */
export function makeStorageHealth(): StorageHealth {
  let state: StorageState = 'ready';
  return {
    state: () => state,
    refusal: () => (state === 'wiped' || state === 'newer-version' ? `store/${state}` : null),
    noteDurable: () => {
      state = 'ready';
    },
    noteError: (error) => {
      state = STATES[error.code] ?? state;
    },
  };
}
