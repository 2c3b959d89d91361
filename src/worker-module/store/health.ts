// How the module's storage is doing, as `status` tells it, and whether writes are refused for good. Set at start and by every commit.

import type { FareboxError, FareboxErrorCode } from '../../protocol/errors.ts';
import type { StorageState } from '../commands.ts';

/** The one place where the state of storage is kept in this worker. */
export type StorageHealth = {
  state(): StorageState;
  /**
   * The code that every write is refused with, or null. A store that was lost or altered stays so until it is opened anew: starting over by
   * itself would make a new customer of an old one.
   */
  refusal(): FareboxErrorCode | null;
  /** A commit is durable. */
  noteDurable(): void;
  /** Storage has thrown. */
  noteError(error: FareboxError): void;
};

const STATES: Readonly<Partial<Record<FareboxErrorCode, StorageState>>> = {
  'store/refused': 'refused',
  'store/replaced': 'refused',
  'store/full': 'full',
  'store/wiped': 'wiped',
  'store/altered': 'altered',
  'store/newer-version': 'newer-version',
};

/** States that only opening the store anew can end. */
const LASTING: ReadonlySet<FareboxErrorCode> = new Set([
  'store/replaced',
  'store/wiped',
  'store/altered',
  'store/newer-version',
]);

/** Storage that has had no trouble yet. */
export function makeStorageHealth(): StorageHealth {
  let state: StorageState = 'ready';
  let refusal: FareboxErrorCode | null = null;
  return {
    state: () => state,
    refusal: () => refusal,
    noteDurable: () => {
      if (refusal === null) state = 'ready';
    },
    noteError: (error) => {
      // What was found first is what has to be mended first.
      if (refusal !== null) return;
      state = STATES[error.code] ?? state;
      if (LASTING.has(error.code)) refusal = error.code;
    },
  };
}
