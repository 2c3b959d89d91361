// When a receipt says that it was signed: by the module's clock, held within the life of the certificate beside it. A clock that is years off must
// not make a receipt that nobody can believe, for what it states was shown. Called by receipt-drawer.ts. Pure.

import { CLAIMS } from '../../protocol/claims.ts';
import { peekCose } from '../../protocol/cose.ts';
import { FareboxError } from '../../protocol/errors.ts';

/** COSE says times in whole seconds, and an end is not part of the life before it. */
const LAST_SECOND_MS = 1_000;

/**
 * `timeMs`, or the nearest moment at which this certificate (COSE bytes, verified when it was kept) holds; milliseconds since 1970.
 * @throws FareboxError `store/altered` where the bytes state no life.
 */
export function certifiedTime(certificate: Uint8Array, timeMs: number): number {
  const { claims } = peekCose(certificate);
  const [begins, ends] = [claims.get(CLAIMS.iat), claims.get(CLAIMS.exp)];
  if (typeof begins !== 'number' || typeof ends !== 'number')
    throw new FareboxError('store/altered', { row: 'identity' });
  return Math.max(begins * 1_000, Math.min(timeMs, ends * 1_000 - LAST_SECOND_MS));
}
