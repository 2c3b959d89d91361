// A provider's signed answer to a claim (docs/protocol.md §17): each line paid or refused with its reason, beside what its
// own record of delivery says of those frames, and the sum as credit. Whether an answer agrees with itself, with the
// contract and with that record, claim-judgements.ts says; an answer that does not is kept all the same, as evidence.

import type { Bytes } from './bytes.ts';
import type { CborValue } from './cbor.ts';
import type { VerifiedCertificate } from './certificate.ts';
import { type ClaimLine, decodeClaimLine } from './claim-lines.ts';
import { claimsOf, readClaims } from './claims.ts';
import { COSE_TYPES, peekCose, signCose, verifyCose } from './cose.ts';
import { FareboxError } from './errors.ts';
import {
  type ContentHash,
  decodeContentHash,
  decodeModuleId,
  decodeProviderId,
  decodeSessionId,
  idBytes,
  type ModuleId,
  type ProviderId,
  type SessionId,
} from './ids.ts';
import { LIMITS } from './limits.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const TYPE = 'farebox/claim-answer';
const CODE = 'claim/answer';
const REFUSED_AS = { malformed: CODE, signature: CODE } as const;

/** Why a line was paid. */
export const PAID_REASONS = ['not-delivered', 'delivered-late', 'not-published'] as const;

/**
 * Why a line was refused. `not-granted`: never part of the session; `shown-on-time`, `not-in-receipt`: the module's own receipt says otherwise;
 * `outside-session`: the receipt's times cannot be; `never-asked`: no request in the record; `delivered-in-time`; `slow-line`: sent in time, taken
 * slowly; `given-up`: broken off by the terminal before the time was over; `rung-chosen`: nothing higher was asked for in vain.
 */
export const REFUSED_REASONS = [
  'not-granted',
  'shown-on-time',
  'not-in-receipt',
  'outside-session',
  'never-asked',
  'delivered-in-time',
  'slow-line',
  'given-up',
  'rung-chosen',
] as const;

/** Any of them. */
export type ClaimReason = (typeof PAID_REASONS)[number] | (typeof REFUSED_REASONS)[number];

/** How the whole claim came out: every line paid, some, none. */
export const CLAIM_VERDICTS = ['paid', 'part', 'refused'] as const;

/** One of them. */
export type ClaimVerdict = (typeof CLAIM_VERDICTS)[number];

/** One answered line: frames of one kind with one reason. It was paid where `isPaidReason(reason)`. */
export type AnsweredLine = ClaimLine & Readonly<{ reason: ClaimReason; amountMinor: bigint }>;

/** What the provider's record has of one frame of the session. */
export type DeliveredFrame = Readonly<{
  frame: number;
  /** Requests for its parts. */
  asked: number;
  /** Of those, the ones that the provider did not answer whole. */
  failed: number;
  /** Longest that the provider itself took from the first request to a whole answer, ms; 0 where there was none. */
  servedMs: number;
}>;

/** What a provider answers. Money in ten-thousandths of `currency`'s unit. */
export type ClaimAnswer = Readonly<{
  module: ModuleId;
  session: SessionId;
  claimHash: ContentHash;
  receiptHash: ContentHash;
  contractHash: ContentHash;
  verdict: ClaimVerdict;
  lines: readonly AnsweredLine[];
  /** Frames of the claim, ascending, as far as the record had to be looked at, at most `LIMITS.ranges`. */
  delivery: readonly DeliveredFrame[];
  currency: string;
  /** What is paid back, as credit. */
  amountMinor: bigint;
  /** What is left to spend afterwards. */
  creditMinor: bigint;
  /** Milliseconds since 1970, whole seconds. */
  issuedAt: number;
}>;

/** True for a reason to pay. */
export function isPaidReason(reason: ClaimReason): boolean {
  return PAID_REASONS.some((paid) => paid === reason);
}

/** Signs an answer with the provider's key. */
export async function makeClaimAnswer(made: { signer: Signer; answer: ClaimAnswer }): Promise<Bytes> {
  const { signer, answer } = made;
  const claims = claimsOf({
    iss: signer.kid,
    aud: answer.module,
    iat: Math.floor(answer.issuedAt / 1000),
    type: TYPE,
    version: 1,
    session: idBytes(answer.session),
    claimHash: idBytes(answer.claimHash),
    receiptHash: idBytes(answer.receiptHash),
    contractHash: idBytes(answer.contractHash),
    verdict: answer.verdict,
    lines: answer.lines.map(({ kind, from, to, reason, amountMinor }) => [kind, from, to, reason, amountMinor]),
    delivery: answer.delivery.map(({ frame, asked, failed, servedMs }) => [frame, asked, failed, servedMs]),
    currency: answer.currency,
    amountMinor: answer.amountMinor,
    creditMinor: answer.creditMinor,
  });
  return signCose({ signer, typ: COSE_TYPES.claimAnswer, claims });
}

/** Believes that this certified provider answered this claim so; not that the answer is right. Errors: `claim/answer`. */
export async function verifyClaimAnswer(given: {
  bytes: Uint8Array;
  provider: VerifiedCertificate;
  /** What it must answer. */
  claim: Readonly<{
    provider: ProviderId;
    module: ModuleId;
    session: SessionId;
    claimHash: ContentHash;
    receiptHash: ContentHash;
    contractHash: ContentHash;
  }>;
  suite: CryptoSuite;
}): Promise<ClaimAnswer> {
  const { bytes, provider, claim, suite } = given;
  const publicKey = provider.publicKey;
  const signed = await verifyCose({ bytes, typ: COSE_TYPES.claimAnswer, publicKey, suite, refusedAs: REFUSED_AS });
  const claims = readClaims(signed, { type: TYPE, code: CODE });
  const issuer = decodeProviderId(claims.text('iss'), CODE);
  if (provider.role !== 'provider' || issuer !== provider.subject || issuer !== claim.provider)
    throw new FareboxError(CODE, { claim: 'iss' });
  const answer: ClaimAnswer = {
    module: decodeModuleId(claims.text('aud'), CODE),
    session: decodeSessionId(claims.bytes('session', 16), CODE),
    claimHash: decodeContentHash(claims.bytes('claimHash', 32), CODE),
    receiptHash: decodeContentHash(claims.bytes('receiptHash', 32), CODE),
    contractHash: decodeContentHash(claims.bytes('contractHash', 32), CODE),
    verdict: oneOf(CLAIM_VERDICTS, claims.text('verdict')),
    lines: decodeLines(claims.raw('lines')),
    delivery: decodeDelivered(claims.raw('delivery')),
    currency: claims.currency('currency'),
    amountMinor: claims.minor('amountMinor'),
    creditMinor: claims.minor('creditMinor'),
    issuedAt: claims.time('iat'),
  };
  claims.end();
  if (answer.module !== claim.module) throw new FareboxError(CODE, { claim: 'aud' });
  for (const name of ['session', 'claimHash', 'receiptHash', 'contractHash'] as const)
    if (answer[name] !== claim[name]) throw new FareboxError(CODE, { claim: name });
  return Object.freeze(answer);
}

/** The lines of an answer, without believing it: for a provider that reads its own. Errors: `claim/answer`, `cbor/*`, `cose/malformed`. */
export function peekAnsweredLines(bytes: Uint8Array): readonly AnsweredLine[] {
  return decodeLines(readClaims(peekCose(bytes).claims, { type: TYPE, code: CODE }).raw('lines'));
}

function oneOf<T extends string>(known: readonly T[], candidate: unknown): T {
  const found = known.find((name) => name === candidate);
  if (found === undefined) throw new FareboxError(CODE, { expected: known.join(' ') });
  return found;
}

function decodeLines(value: CborValue): readonly AnsweredLine[] {
  if (!Array.isArray(value) || value.length > LIMITS.answerLines) throw new FareboxError(CODE, { claim: 'lines' });
  return value.map((entry: unknown): AnsweredLine => {
    const members: readonly unknown[] = Array.isArray(entry) && entry.length === 5 ? entry : [];
    const [kind, from, to, reason, amount] = members;
    if (typeof amount !== 'number' || amount < 0 || BigInt(amount) > LIMITS.amountMinor)
      throw new FareboxError(CODE, { claim: 'lines' });
    const reasons: readonly ClaimReason[] = [...PAID_REASONS, ...REFUSED_REASONS];
    const line = decodeClaimLine([kind, from, to], CODE);
    return { ...line, reason: oneOf(reasons, reason), amountMinor: BigInt(amount) };
  });
}

function decodeDelivered(value: CborValue): readonly DeliveredFrame[] {
  if (!Array.isArray(value) || value.length > LIMITS.ranges) throw new FareboxError(CODE, { claim: 'delivery' });
  let after = -1;
  return value.map((entry: unknown): DeliveredFrame => {
    const members: readonly unknown[] = Array.isArray(entry) && entry.length === 4 ? entry : [];
    const [frame, asked, failed, servedMs] = members;
    const counts = [frame, asked, failed, servedMs].every((count) => typeof count === 'number' && count >= 0);
    if (!counts || typeof frame !== 'number' || frame <= after || frame >= LIMITS.frameNumbers)
      throw new FareboxError(CODE, { claim: 'delivery' });
    after = frame;
    return { frame, asked: Number(asked), failed: Number(failed), servedMs: Number(servedMs) };
  });
}
