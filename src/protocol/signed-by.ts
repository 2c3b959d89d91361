// Objects that a certified party signed for another: believed where the signature holds under its certified key, the party has the role, and the
// object names it as its issuer. What else an object says is read by its own file.

import type { CertificateRole, VerifiedCertificate } from './certificate.ts';
import { type ClaimsReader, readClaims } from './claims.ts';
import { type CoseType, verifyCose } from './cose.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import type { CryptoSuite } from './suite/suite.ts';

/**
 * The claims of an object of this `typ` and `type`, signed by the holder of a certificate with this role; `iss` is read already. `versions`:
 * those that are accepted, 1 alone where none are named. Throws `code`, whatever does not hold.
 */
export async function readSignedBy(given: {
  bytes: Uint8Array;
  typ: CoseType;
  type: string;
  versions?: readonly number[];
  by: VerifiedCertificate;
  role: CertificateRole;
  suite: CryptoSuite;
  code: FareboxErrorCode;
}): Promise<ClaimsReader> {
  const { bytes, typ, type, versions = [1], by, role, suite, code } = given;
  const refusedAs = { malformed: code, signature: code };
  const signed = await verifyCose({ bytes, typ, publicKey: by.publicKey, suite, refusedAs });
  const claims = readClaims(signed, { type, code, versions });
  if (by.role !== role || claims.text('iss') !== by.subject) throw new FareboxError(code, { claim: 'iss' });
  return claims;
}
