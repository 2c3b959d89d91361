// Standing (docs/protocol.md §14): a provider's signed word on where it has a module, and on the contact that asked. The
// module keeps the newest; it decides nothing by itself. What a person does about it, the module's own surface asks.

import type { Bytes } from './bytes.ts';
import type { CborValue } from './cbor.ts';
import type { VerifiedCertificate } from './certificate.ts';
import { claimsOf } from './claims.ts';
import { COSE_TYPES, signCose } from './cose.ts';
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
import { lifeClaims, readLife } from './life.ts';
import { LIMITS } from './limits.ts';
import { readSignedBy } from './signed-by.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const TYPE = 'farebox/standing';
const CODE = 'standing/malformed';

/** What a contact can be found to be. `regress`: older than one met before; `fork`: another copy went on from the same state; `superseded`: of an epoch that is over. */
export const VERDICTS = ['good', 'regress', 'fork', 'superseded'] as const;

/** One of them. */
export type Verdict = (typeof VERDICTS)[number];

/** One session as the provider has it. Money in ten-thousandths of the standing's currency. */
export type StandingSession = Readonly<{
  session: SessionId;
  /** The receipt that it took, or null while it has none. */
  receiptHash: ContentHash | null;
  /** The provider's number of that receipt, from 1; 0 without one. */
  sequenceNumber: number;
  /** What it charged; 0 without a receipt. */
  amountMinor: bigint;
}>;

/** What a provider says of a module. `issuedAt` in ms since 1970, whole seconds. */
export type StandingToSign = Readonly<{
  module: ModuleId;
  /** Of the contact that this answers. */
  verdict: Verdict;
  /** The module's present epoch as the provider has it, and its device: 16 bytes, zeros in epoch 0. */
  device: Uint8Array;
  epoch: number;
  /** Highest counter of a contact in that epoch, and the head (32 bytes) beside it. */
  counter: number;
  head: Uint8Array;
  /** When this verdict was first given in this epoch, ms since 1970, or when the present epoch began if superseded; 0 when good. */
  since: number;
  currency: string;
  /** What the module can still spend. */
  creditMinor: bigint;
  /** Newest first; the newest `LIMITS.standingSessions` where there are more. */
  sessions: readonly StandingSession[];
  issuedAt: number;
}>;

/** A standing that was believed. */
export type SignedStanding = StandingToSign & Readonly<{ provider: ProviderId }>;

/** Signs a standing with the provider's key. Errors: `module/internal` where its members do not fit together. */
export async function makeStanding(made: { signer: Signer; standing: StandingToSign }): Promise<Bytes> {
  const { signer, standing } = made;
  if (standing.sessions.length > LIMITS.standingSessions || (standing.verdict === 'good') !== (standing.since === 0))
    throw new FareboxError('module/internal', { expected: 'a standing whose members fit together' });
  const claims = claimsOf({
    iss: signer.kid,
    aud: standing.module,
    iat: Math.floor(standing.issuedAt / 1000),
    type: TYPE,
    version: 1,
    verdict: standing.verdict,
    ...lifeClaims(standing),
    counter: standing.counter,
    head: standing.head,
    since: standing.since,
    currency: standing.currency,
    creditMinor: standing.creditMinor,
    sessions: standing.sessions.map(encodeSession),
  });
  return signCose({ signer, typ: COSE_TYPES.standing, claims });
}

function encodeSession({ session, receiptHash, sequenceNumber, amountMinor }: StandingSession): CborValue {
  return [idBytes(session), receiptHash === null ? null : idBytes(receiptHash), sequenceNumber, amountMinor];
}

/** Believes a certified provider's word on this module. Errors: `standing/malformed`. */
export async function verifyStanding(given: {
  bytes: Uint8Array;
  provider: VerifiedCertificate;
  module: ModuleId;
  suite: CryptoSuite;
}): Promise<SignedStanding> {
  const { bytes, provider, module, suite } = given;
  const kind = { typ: COSE_TYPES.standing, type: TYPE, code: CODE } as const;
  const claims = await readSignedBy({ ...kind, bytes, by: provider, role: 'provider', suite });
  const verdict = VERDICTS.find((known) => known === claims.raw('verdict'));
  if (verdict === undefined) throw new FareboxError(CODE, { claim: 'verdict' });
  const standing = {
    provider: decodeProviderId(provider.subject, CODE),
    module: decodeModuleId(claims.text('aud'), CODE),
    verdict,
    ...readLife(claims, CODE, 0),
    counter: claims.count('counter'),
    head: claims.bytes('head', 32),
    since: claims.count('since'),
    currency: claims.currency('currency'),
    creditMinor: claims.minor('creditMinor'),
    sessions: decodeSessions(claims.raw('sessions')),
    issuedAt: claims.time('iat'),
  };
  claims.end();
  if (standing.module !== module) throw new FareboxError(CODE, { claim: 'aud' });
  if ((verdict === 'good') !== (standing.since === 0)) throw new FareboxError(CODE, { claim: 'since' });
  return Object.freeze(standing);
}

function decodeSessions(listed: CborValue): readonly StandingSession[] {
  if (!Array.isArray(listed) || listed.length > LIMITS.standingSessions)
    throw new FareboxError(CODE, { claim: 'sessions' });
  const sessions = listed.map(decodeSession);
  // One session, one line: a second one could say something else of it.
  if (new Set(sessions.map(({ session }) => session)).size !== sessions.length)
    throw new FareboxError(CODE, { claim: 'sessions' });
  return sessions;
}

function decodeSession(line: CborValue): StandingSession {
  const refuse = () => new FareboxError(CODE, { claim: 'sessions' });
  if (!Array.isArray(line) || line.length !== 4) throw refuse();
  const [session, hash, sequenceNumber, charged]: readonly CborValue[] = line;
  if (!(session instanceof Uint8Array) || !(hash === null || hash instanceof Uint8Array)) throw refuse();
  if (typeof sequenceNumber !== 'number' || sequenceNumber < 0) throw refuse();
  if (typeof charged !== 'number' || charged < 0 || BigInt(charged) > LIMITS.amountMinor) throw refuse();
  const receiptHash = hash === null ? null : decodeContentHash(hash, CODE);
  // A number there is with a receipt and only then; without one nothing can have been charged.
  if ((receiptHash === null) !== (sequenceNumber === 0) || (receiptHash === null && charged !== 0)) throw refuse();
  return { session: decodeSessionId(session, CODE), receiptHash, sequenceNumber, amountMinor: BigInt(charged) };
}
