// When the module's certificate ends, as its screen says it. Read without verifying: the module verified it when it took it.

import { CLAIMS } from '../../protocol/claims.ts';
import { peekCose } from '../../protocol/cose.ts';
import { formatDay } from '../format.ts';

/** A day in words; null without a certificate. Throws the codes of `peekCose` for bytes that are none. */
export function certificateEnd(certificate: Uint8Array | null): string | null {
  if (certificate === null) return null;
  const seconds = peekCose(certificate).claims.get(CLAIMS.exp);
  return typeof seconds === 'number' ? formatDay(seconds * 1000) : null;
}
