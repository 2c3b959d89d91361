// What the browser's storage exceptions mean to the module. Called by the adapters of store/; adds no policy of its own.

import { FareboxError } from '../../protocol/errors.ts';

/**
 * The coded error for an exception of IndexedDB or OPFS; a FareboxError stays as it is. `QuotaExceededError` → `store/full`, `VersionError` →
 * `store/newer-version`, any other of the browser's → `store/refused`; what is no exception of the browser is a fault of this build:
 * `module/internal`.
 */
export function toStoreError(error: unknown): FareboxError {
  if (error instanceof FareboxError) return error;
  if (!(error instanceof DOMException)) return new FareboxError('module/internal', undefined, { cause: error });
  const { name } = error;
  if (name === 'QuotaExceededError') return new FareboxError('store/full', undefined, { cause: error });
  if (name === 'VersionError') return new FareboxError('store/newer-version', undefined, { cause: error });
  return new FareboxError('store/refused', { reason: name }, { cause: error });
}
