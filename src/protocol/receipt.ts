// P4, receipt (docs/protocol.md §9): what a module says it showed in one session, signed from its record. The provider
// answers with an acknowledgement (acknowledgement.ts). Whether a receipt agrees with its grant, receipt-checks.ts says.

import type { Bytes } from './bytes.ts';
import type { CborValue } from './cbor.ts';
import type { VerifiedCertificate } from './certificate.ts';
import { type ClaimsMap, claimsOf, readClaims } from './claims.ts';
import { COSE_TYPES, peekCose, signCose, verifyCose } from './cose.ts';
import { FareboxError } from './errors.ts';
import {
  type ContentHash,
  decodeContentHash,
  decodeModuleId,
  decodeProgrammeId,
  decodeProviderId,
  decodeSessionId,
  hashObject,
  idBytes,
  type ModuleId,
  type ProgrammeId,
  type ProviderId,
  type SessionId,
} from './ids.ts';
import { decodeLabel } from './label.ts';
import { lifeClaims, noDevice, readLife } from './life.ts';
import { LIMITS } from './limits.ts';
import type { FrameRange } from './ranges.ts';
import { deliveryClaims, type ReceiptDelivery, readDelivery } from './receipt-delivery.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

export { makeAcknowledgement, verifyAcknowledgement } from './acknowledgement.ts';

const TYPE = 'farebox/receipt';
const CODE = 'receipt/malformed';
const REFUSED_AS = { malformed: CODE, signature: 'receipt/signature' } as const;
const VERIFIED: unique symbol = Symbol('verified receipt');
/** What is read. Version 1 had no device and no epoch and is not written any more; version 3 is of a session with a contract. */
const VERSIONS = [1, 2, 3] as const;

/** What a module states about a closed session. Times in ms since 1970, money in ten-thousandths of the currency's unit. */
export type Receipt = Readonly<{
  provider: ProviderId;
  /** 16 bytes; zeros in epoch 0. */
  device: Uint8Array;
  /** Epoch in which the receipt was made; 0 for one of version 1. */
  epoch: number;
  session: SessionId;
  programme: ProgrammeId;
  programmeHash: ContentHash;
  grantHash: ContentHash;
  /** Frames that left as pictures and sound, each counted once. */
  frames: readonly FrameRange[];
  count: number;
  /** Label of the video part (or the only part) → frames shown with it. */
  rungs: ReadonlyMap<string, number>;
  /** When the first frame was shown; 0 when count is 0. */
  firstTime: number;
  /** When the last frame was shown; 0 when count is 0. */
  lastTime: number;
  onTime: number;
  late: number;
  /** Frames whose last outcome was a failure of content or key. */
  failed: number;
  /** Frames that were decrypted ahead and never shown. */
  withheld: number;
  currency: string;
  amountMinor: bigint;
  /** The record's counter at the session's `closed` entry. */
  counter: number;
  /** The record's head there, 32 bytes. */
  head: Uint8Array;
  /** Whole seconds. */
  issuedAt: number;
  /** What the module saw of the delivery, where the session has a contract; else null or left out. */
  delivery?: ReceiptDelivery | null;
}>;

/** A receipt whose signature holds under a certified module's key; it cannot be made otherwise. */
export type VerifiedReceipt = Omit<Receipt, 'delivery'> &
  Readonly<{
    module: ModuleId;
    delivery: ReceiptDelivery | null;
    /** SHA-256 of the signed bytes. */
    receiptHash: ContentHash;
    [VERIFIED]: true;
  }>;

/** Signs a receipt with the module's key, device and epoch. The caller makes one for a session and keeps its bytes. Errors: `module/internal` where device and epoch do not fit. */
export async function makeReceipt(made: { signer: Signer; receipt: Receipt }): Promise<Bytes> {
  const { signer, receipt } = made;
  const delivery = receipt.delivery ?? null;
  const claims = claimsOf({
    iss: signer.kid,
    aud: receipt.provider,
    iat: Math.floor(receipt.issuedAt / 1000),
    type: TYPE,
    version: delivery === null ? 2 : 3,
    ...lifeClaims(receipt),
    session: idBytes(receipt.session),
    programme: idBytes(receipt.programme),
    programmeHash: idBytes(receipt.programmeHash),
    grantHash: idBytes(receipt.grantHash),
    frames: receipt.frames,
    count: receipt.count,
    rungs: receipt.rungs,
    firstTime: receipt.firstTime,
    lastTime: receipt.lastTime,
    onTime: receipt.onTime,
    late: receipt.late,
    failed: receipt.failed,
    withheld: receipt.withheld,
    currency: receipt.currency,
    amountMinor: receipt.amountMinor,
    counter: receipt.counter,
    head: receipt.head,
    ...(delivery === null ? {} : deliveryClaims(delivery)),
  });
  return signCose({ signer, typ: COSE_TYPES.receipt, claims });
}

function decodeRungs(value: CborValue): ReadonlyMap<string, number> {
  if (!(value instanceof Map) || value.size > LIMITS.parts) throw new FareboxError(CODE, { claim: 'rungs' });
  const rungs = new Map<string, number>();
  for (const [label, count] of value) {
    if (typeof count !== 'number' || count < 1) throw new FareboxError(CODE, { claim: 'rungs' });
    rungs.set(decodeLabel(label, CODE), count);
  }
  return rungs;
}

/** Believes the signature and form of a receipt; not yet what it says. Errors: `receipt/signature`, `receipt/malformed`. */
export async function verifyReceipt(given: {
  bytes: Uint8Array;
  module: VerifiedCertificate;
  suite: CryptoSuite;
}): Promise<VerifiedReceipt> {
  const { bytes, module, suite } = given;
  const publicKey = module.publicKey;
  const signed = await verifyCose({ bytes, typ: COSE_TYPES.receipt, publicKey, suite, refusedAs: REFUSED_AS });
  const { issuer, ...receipt } = readReceipt(signed);
  if (module.role !== 'module' || issuer !== module.subject) throw new FareboxError(CODE, { claim: 'iss' });
  return Object.freeze({ ...receipt, module: issuer, receiptHash: hashObject(bytes), [VERIFIED]: true as const });
}

/** What a receipt says of the delivery, without believing it: for a module that reads its own. Null for one of a session without a contract. Errors: `receipt/malformed`, `cbor/*`, `cose/*`. */
export function peekDelivery(bytes: Uint8Array): ReceiptDelivery | null {
  const claims = readClaims(peekCose(bytes).claims, { type: TYPE, code: CODE, versions: VERSIONS });
  return claims.version < 3 ? null : readDelivery(claims, CODE);
}

function readReceipt(
  signed: ClaimsMap,
): Omit<VerifiedReceipt, 'module' | 'receiptHash' | typeof VERIFIED> & { readonly issuer: ModuleId } {
  const claims = readClaims(signed, { type: TYPE, code: CODE, versions: VERSIONS });
  const receipt = {
    issuer: decodeModuleId(claims.text('iss'), CODE),
    provider: decodeProviderId(claims.text('aud'), CODE),
    ...(claims.version === 1 ? { device: noDevice(), epoch: 0 } : readLife(claims, CODE, 0)),
    session: decodeSessionId(claims.bytes('session', 16), CODE),
    programme: decodeProgrammeId(claims.bytes('programme', 16), CODE),
    programmeHash: decodeContentHash(claims.bytes('programmeHash', 32), CODE),
    grantHash: decodeContentHash(claims.bytes('grantHash', 32), CODE),
    frames: claims.ranges('frames'),
    count: claims.count('count', LIMITS.frameNumbers),
    rungs: decodeRungs(claims.raw('rungs')),
    firstTime: claims.count('firstTime'),
    lastTime: claims.count('lastTime'),
    onTime: claims.count('onTime', LIMITS.frameNumbers),
    late: claims.count('late', LIMITS.frameNumbers),
    failed: claims.count('failed', LIMITS.frameNumbers),
    withheld: claims.count('withheld', LIMITS.frameNumbers),
    currency: claims.currency('currency'),
    amountMinor: claims.minor('amountMinor'),
    counter: claims.count('counter'),
    head: claims.bytes('head', 32),
    issuedAt: claims.time('iat'),
    delivery: claims.version < 3 ? null : readDelivery(claims, CODE),
  };
  claims.end();
  return receipt;
}
