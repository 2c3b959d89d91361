// When a module's certificate began and ends, as relay.ts and the Module screen need it. Read without verifying: the module
// verified it when it took it, and the provider verifies it again.

import { CLAIMS } from '../protocol/claims.ts';
import { peekCose } from '../protocol/cose.ts';

/** Milliseconds since 1970. */
export type CertificateLife = { readonly issuedMs: number; readonly expiresMs: number };

/** The life that a certificate states, or null where it states none. Throws the codes of `peekCose` for bytes that are no certificate. */
export function certificateLife(certificate: Uint8Array): CertificateLife | null {
  const { claims } = peekCose(certificate);
  const issued = claims.get(CLAIMS.iat);
  const expires = claims.get(CLAIMS.exp);
  if (typeof issued !== 'number' || typeof expires !== 'number') return null;
  return { issuedMs: issued * 1000, expiresMs: expires * 1000 };
}

/** True once half of its life is over: the agency then gives a new one for the asking. */
export function isPastHalfLife(certificate: Uint8Array, nowMs: number): boolean {
  const life = certificateLife(certificate);
  return life === null || nowMs > (life.issuedMs + life.expiresMs) / 2;
}
