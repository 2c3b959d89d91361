// Which row of the error table speaks for a state of the module's store or for its standing. Used by the module page and by the notices.

import type { FareboxErrorCode } from '../../protocol/errors.ts';
import type { Standing, StorageState } from '../../worker-module/commands.ts';

/** Null where all is well. */
export const STORAGE_ERRORS: Readonly<Record<StorageState, FareboxErrorCode | null>> = {
  ready: null,
  refused: 'store/refused',
  full: 'store/full',
  wiped: 'store/wiped',
  altered: 'store/altered',
  'newer-version': 'store/newer-version',
};

/** Null where all is well, or nothing is known. */
export const STANDING_ERRORS: Readonly<Record<Standing, FareboxErrorCode | null>> = {
  unknown: null,
  good: null,
  regress: 'record/regress',
  fork: 'record/fork',
  superseded: 'module/superseded',
};
