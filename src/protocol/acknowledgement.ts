// The provider's signed answer to a receipt (docs/protocol.md §9): kept, charged, and the how-many-th. With it a receipt
// is accepted. Made by the provider once for each receipt, verified by the module and by anyone with the receipt file.

import type { Bytes } from './bytes.ts';
import type { VerifiedCertificate } from './certificate.ts';
import { claimsOf } from './claims.ts';
import { COSE_TYPES, signCose } from './cose.ts';
import { FareboxError } from './errors.ts';
import {
  type ContentHash,
  decodeContentHash,
  decodeModuleId,
  decodeSessionId,
  idBytes,
  type ModuleId,
  type SessionId,
} from './ids.ts';
import { readSignedBy } from './signed-by.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const TYPE = 'farebox/receipt-acknowledgement';
const CODE = 'receipt/acknowledgement';

/** What a provider answers. Money in ten-thousandths of the grant's currency. */
export type Acknowledgement = Readonly<{
  module: ModuleId;
  session: SessionId;
  receiptHash: ContentHash;
  /** The provider's number of this receipt, from 1. */
  sequenceNumber: number;
  /** What was charged. */
  amountMinor: bigint;
  /** What is left to spend. */
  creditMinor: bigint;
  /** Counter and head (32 bytes) that the provider last saw of this module's record. */
  counter: number;
  head: Uint8Array;
  /** Milliseconds since 1970, whole seconds. */
  issuedAt: number;
}>;

/** Signs an answer with the provider's key. */
export async function makeAcknowledgement(made: { signer: Signer; acknowledgement: Acknowledgement }): Promise<Bytes> {
  const { signer, acknowledgement } = made;
  const claims = claimsOf({
    iss: signer.kid,
    aud: acknowledgement.module,
    iat: Math.floor(acknowledgement.issuedAt / 1000),
    type: TYPE,
    version: 1,
    session: idBytes(acknowledgement.session),
    receiptHash: idBytes(acknowledgement.receiptHash),
    sequenceNumber: acknowledgement.sequenceNumber,
    amountMinor: acknowledgement.amountMinor,
    creditMinor: acknowledgement.creditMinor,
    counter: acknowledgement.counter,
    head: acknowledgement.head,
  });
  return signCose({ signer, typ: COSE_TYPES.receiptAcknowledgement, claims });
}

/** Believes an answer of this certified provider to this receipt of this module. Errors: `receipt/acknowledgement`. */
export async function verifyAcknowledgement(given: {
  bytes: Uint8Array;
  provider: VerifiedCertificate;
  /** What it must answer: a receipt, by module, session and hash. */
  receipt: Readonly<{ module: ModuleId; session: SessionId; receiptHash: ContentHash; amountMinor: bigint }>;
  suite: CryptoSuite;
}): Promise<Acknowledgement> {
  const { bytes, provider, receipt, suite } = given;
  const kind = { typ: COSE_TYPES.receiptAcknowledgement, type: TYPE, code: CODE } as const;
  const claims = await readSignedBy({ ...kind, bytes, by: provider, role: 'provider', suite });
  const acknowledgement = {
    module: decodeModuleId(claims.text('aud'), CODE),
    session: decodeSessionId(claims.bytes('session', 16), CODE),
    receiptHash: decodeContentHash(claims.bytes('receiptHash', 32), CODE),
    sequenceNumber: claims.count('sequenceNumber'),
    amountMinor: claims.minor('amountMinor'),
    creditMinor: claims.minor('creditMinor'),
    counter: claims.count('counter'),
    head: claims.bytes('head', 32),
    issuedAt: claims.time('iat'),
  };
  claims.end();
  if (acknowledgement.module !== receipt.module) throw new FareboxError(CODE, { claim: 'aud' });
  if (acknowledgement.session !== receipt.session) throw new FareboxError(CODE, { claim: 'session' });
  if (acknowledgement.receiptHash !== receipt.receiptHash) throw new FareboxError(CODE, { claim: 'receiptHash' });
  if (acknowledgement.amountMinor !== receipt.amountMinor) throw new FareboxError(CODE, { claim: 'amountMinor' });
  if (acknowledgement.sequenceNumber < 1) throw new FareboxError(CODE, { claim: 'sequenceNumber' });
  return Object.freeze(acknowledgement);
}
