// Claims (docs/protocol.md §17): a module asks a provider to pay back what its contract says, for frames that its receipt
// names. Signed, so that nobody else can claim, and one for a session, the same bytes for good.

import type { Bytes } from './bytes.ts';
import type { VerifiedCertificate } from './certificate.ts';
import { type ClaimLine, decodeClaimLines, encodeClaimLines } from './claim-lines.ts';
import { claimsOf, readClaims } from './claims.ts';
import { COSE_TYPES, signCose, verifyCose } from './cose.ts';
import { FareboxError } from './errors.ts';
import {
  type ContentHash,
  decodeContentHash,
  decodeModuleId,
  decodeProviderId,
  decodeSessionId,
  hashObject,
  idBytes,
  type ModuleId,
  type ProviderId,
  type SessionId,
} from './ids.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const TYPE = 'farebox/claim';
const CODE = 'claim/malformed';
const REFUSED_AS = { malformed: CODE, signature: CODE } as const;
const VERIFIED: unique symbol = Symbol('verified claim');

/** What a module claims. */
export type Claim = Readonly<{
  provider: ProviderId;
  session: SessionId;
  receiptHash: ContentHash;
  contractHash: ContentHash;
  /** At least one; see `decodeClaimLines` for their order. */
  lines: readonly ClaimLine[];
  /** Milliseconds since 1970, whole seconds. */
  issuedAt: number;
}>;

/** A claim whose signature holds under a certified module's key; it cannot be made otherwise. */
export type VerifiedClaim = Claim &
  Readonly<{
    module: ModuleId;
    /** SHA-256 of the signed bytes. */
    claimHash: ContentHash;
    [VERIFIED]: true;
  }>;

/** Signs a claim with the module's key. The caller makes one for a session and keeps its bytes. */
export async function makeClaim(made: { signer: Signer; claim: Claim }): Promise<Bytes> {
  const { signer, claim } = made;
  const claims = claimsOf({
    iss: signer.kid,
    aud: claim.provider,
    iat: Math.floor(claim.issuedAt / 1000),
    type: TYPE,
    version: 1,
    session: idBytes(claim.session),
    receiptHash: idBytes(claim.receiptHash),
    contractHash: idBytes(claim.contractHash),
    lines: encodeClaimLines(claim.lines),
  });
  return signCose({ signer, typ: COSE_TYPES.claim, claims });
}

/** Believes the signature and form of a claim; not yet that it is right. Errors: `claim/malformed`. */
export async function verifyClaim(given: {
  bytes: Uint8Array;
  module: VerifiedCertificate;
  suite: CryptoSuite;
}): Promise<VerifiedClaim> {
  const { bytes, module, suite } = given;
  const publicKey = module.publicKey;
  const signed = await verifyCose({ bytes, typ: COSE_TYPES.claim, publicKey, suite, refusedAs: REFUSED_AS });
  const claims = readClaims(signed, { type: TYPE, code: CODE });
  const issuer = decodeModuleId(claims.text('iss'), CODE);
  if (module.role !== 'module' || issuer !== module.subject) throw new FareboxError(CODE, { claim: 'iss' });
  const claim: Claim = {
    provider: decodeProviderId(claims.text('aud'), CODE),
    session: decodeSessionId(claims.bytes('session', 16), CODE),
    receiptHash: decodeContentHash(claims.bytes('receiptHash', 32), CODE),
    contractHash: decodeContentHash(claims.bytes('contractHash', 32), CODE),
    lines: decodeClaimLines(claims.raw('lines'), CODE),
    issuedAt: claims.time('iat'),
  };
  claims.end();
  return Object.freeze({ ...claim, module: issuer, claimHash: hashObject(bytes), [VERIFIED]: true as const });
}
