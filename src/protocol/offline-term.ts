// For how long a programme may be kept and watched with no line (docs/protocol.md §21). Read by programme.ts, and by whoever publishes.

import type { CborValue } from './cbor.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';

/** True for a term that may be offered: whole seconds, in ms, within `LIMITS.offlineMinMs` and `LIMITS.offlineMaxMs`. */
export function isOfflineTerm(termMs: number): boolean {
  return termMs % 1000 === 0 && termMs >= LIMITS.offlineMinMs && termMs <= LIMITS.offlineMaxMs;
}

/** Reads the claim `offline` of a programme; ms. Throws `code`. */
export function decodeOfflineTerm(value: CborValue, code: FareboxErrorCode): number {
  if (typeof value !== 'number' || !isOfflineTerm(value)) throw new FareboxError(code, { claim: 'offline' });
  return value;
}
