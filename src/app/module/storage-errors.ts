// Which row of the error table speaks for a storage state. Used by the module page and by the banner above every screen.

import type { FareboxErrorCode } from '../../protocol/errors.ts';
import type { StorageState } from '../../worker-module/commands.ts';

/** Null where all is well. */
export const STORAGE_ERRORS: Readonly<Record<StorageState, FareboxErrorCode | null>> = {
  ready: null,
  refused: 'store/refused',
  full: 'store/full',
  wiped: 'store/wiped',
  'newer-version': 'store/newer-version',
};
