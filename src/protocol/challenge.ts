// P1, verify (docs/protocol.md §5): a provider's challenge and a module's answer. Each end makes one and verifies the
// other. Whether a challenge was issued, and used before, only the provider's database knows; it is not decided here.

import type { Bytes } from './bytes.ts';
import type { VerifiedCertificate } from './certificate.ts';
import { claimsOf } from './claims.ts';
import { COSE_TYPES, signCose } from './cose.ts';
import { FareboxError } from './errors.ts';
import type { ProviderId } from './ids.ts';
import { lifeClaims, readLife, sameLife } from './life.ts';
import { LIMITS } from './limits.ts';
import { readSignedBy } from './signed-by.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const CHALLENGE_TYPE = 'farebox/challenge';
const RESPONSE_TYPE = 'farebox/challenge-response';
const CODE = 'challenge/malformed';
/** Version 1 of both said nothing of device and epoch, so it could not tell copies apart: not read any more. */
const VERSION = 2;
const VERSIONS = [VERSION] as const;

/** Bytes of a challenge. */
export const CHALLENGE_LENGTH_BYTES = 32;

/** A believed challenge. Times in ms since 1970, whole seconds. */
export type Challenge = Readonly<{
  /** 32 bytes. */
  challenge: Uint8Array;
  /** Highest counter that the provider has met of this module in its present epoch, or 0. */
  counter: number;
  issuedAt: number;
  expires: number;
}>;

/** A believed answer: the 32 bytes it answers, which life of the module gives it, and where its record stands. */
export type ChallengeResponse = Readonly<{
  challenge: Uint8Array;
  /** 16 bytes; equal to the certificate's. */
  device: Uint8Array;
  /** Equal to the certificate's. */
  epoch: number;
  counter: number;
  /** 32 bytes. */
  head: Uint8Array;
  /** 32 bytes: the head at the challenge's counter; zeros where that is 0 or beyond the record. */
  pastHead: Uint8Array;
  issuedAt: number;
}>;

/** Signs a challenge of 32 random bytes, good for a minute from `now` (ms). `counter`: the highest met of the module that asks, or 0. */
export async function makeChallenge(made: {
  signer: Signer;
  now: number;
  challenge: Uint8Array;
  counter: number;
}): Promise<Bytes> {
  const { signer, now, challenge, counter } = made;
  const claims = claimsOf({
    iss: signer.kid,
    exp: Math.floor((now + LIMITS.challengeLifetimeMs) / 1000),
    iat: Math.floor(now / 1000),
    type: CHALLENGE_TYPE,
    version: VERSION,
    challenge,
    counter,
  });
  return signCose({ signer, typ: COSE_TYPES.challenge, claims });
}

/** For the module: believes a certified provider's challenge. `now` in ms. Errors: `challenge/malformed`, `challenge/expired`. */
export async function verifyChallenge(given: {
  bytes: Uint8Array;
  provider: VerifiedCertificate;
  now: number;
  suite: CryptoSuite;
}): Promise<Challenge> {
  const { bytes, provider, now, suite } = given;
  const kind = { typ: COSE_TYPES.challenge, type: CHALLENGE_TYPE, versions: VERSIONS, code: CODE } as const;
  const claims = await readSignedBy({ ...kind, bytes, by: provider, role: 'provider', suite });
  const verified = {
    challenge: claims.bytes('challenge', CHALLENGE_LENGTH_BYTES),
    counter: claims.count('counter'),
    issuedAt: claims.time('iat'),
    expires: claims.time('exp'),
  };
  claims.end();
  // The tolerance is for a module whose clock runs ahead; a provider judges its own challenge by its own clock.
  if (now >= verified.expires + LIMITS.clockToleranceMs)
    throw new FareboxError('challenge/expired', { expires: verified.expires });
  return Object.freeze(verified);
}

/**
 * For the module: answers a believed challenge, with device and epoch of its certificate, and counter and head (32 bytes) of its record.
 * `pastHead`: the head at the challenge's counter, 32 zero bytes where that is 0 or beyond its own. `now` in ms.
 */
export async function makeChallengeResponse(made: {
  signer: Signer;
  provider: VerifiedCertificate;
  challenge: Challenge;
  now: number;
  device: Uint8Array;
  epoch: number;
  counter: number;
  head: Uint8Array;
  pastHead: Uint8Array;
}): Promise<Bytes> {
  const { signer, provider, challenge, now, device, epoch, counter, head, pastHead } = made;
  const claims = claimsOf({
    iss: signer.kid,
    aud: provider.subject,
    iat: Math.floor(now / 1000),
    type: RESPONSE_TYPE,
    version: VERSION,
    challenge: challenge.challenge,
    ...lifeClaims({ device, epoch }),
    counter,
    head,
    pastHead,
  });
  return signCose({ signer, typ: COSE_TYPES.challengeResponse, claims });
}

/** For the provider: believes the answer of a certified module, in the certificate's device and epoch, to this provider. Errors: `challenge/malformed`. */
export async function verifyChallengeResponse(given: {
  bytes: Uint8Array;
  module: VerifiedCertificate;
  provider: ProviderId;
  suite: CryptoSuite;
}): Promise<ChallengeResponse> {
  const { bytes, module, provider, suite } = given;
  const kind = { typ: COSE_TYPES.challengeResponse, type: RESPONSE_TYPE, versions: VERSIONS, code: CODE } as const;
  const claims = await readSignedBy({ ...kind, bytes, by: module, role: 'module', suite });
  if (claims.text('aud') !== provider) throw new FareboxError(CODE, { claim: 'aud' });
  const verified = {
    challenge: claims.bytes('challenge', CHALLENGE_LENGTH_BYTES),
    ...readLife(claims, CODE, 0),
    counter: claims.count('counter'),
    head: claims.bytes('head', 32),
    pastHead: claims.bytes('pastHead', 32),
    issuedAt: claims.time('iat'),
  };
  claims.end();
  if (!sameLife(verified, module)) throw new FareboxError(CODE, { claim: 'epoch' });
  return Object.freeze(verified);
}
