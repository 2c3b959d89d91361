// P1 on the provider's side (docs/protocol.md §5): issues challenges and uses each at most once. The challenge and
// session routes call it. A module is believed only after all checks, in the protocol's order.

import { and, eq, isNull } from 'drizzle-orm';
import { toHex } from '../../src/protocol/bytes.ts';
import { type VerifiedCertificate, verifyCertificate } from '../../src/protocol/certificate.ts';
import {
  CHALLENGE_LENGTH_BYTES,
  type ChallengeResponse,
  makeChallenge,
  verifyChallengeResponse,
} from '../../src/protocol/challenge.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { isUntrusted } from '../agency/untrusted.ts';
import type { Queries } from '../db/open.ts';
import { challenges } from '../db/schema.ts';
import type { Provider } from '../provider.ts';

/** A module that proved to hold its certified key, and what it answered. */
export type ProvenModule = {
  readonly certificate: VerifiedCertificate;
  readonly response: ChallengeResponse;
};

/** Draws and remembers a challenge. @returns its COSE bytes. */
export async function issueChallenge(provider: Provider, tx: Queries): Promise<Uint8Array> {
  const now = provider.clock();
  const challenge = provider.random(CHALLENGE_LENGTH_BYTES);
  await tx
    .insert(challenges)
    .values({ challenge: toHex(challenge), issuedTime: now, expiresTime: now + LIMITS.challengeLifetimeMs });
  return makeChallenge({ signer: provider.keys.provider, now, challenge });
}

/**
 * The checks that need no lock: certificate, untrusted list, signature, type and audience, in this order.
 * @throws FareboxError `certificate/*`, `challenge/malformed`.
 */
export async function proveModule(
  provider: Provider,
  response: Uint8Array,
  certificateBytes: Uint8Array,
): Promise<ProvenModule> {
  const certificate = await verifyCertificate({
    bytes: certificateBytes,
    agencyKey: provider.keys.agency.publicKey,
    role: 'module',
    now: provider.clock(),
    suite: provider.suite,
  });
  if (await isUntrusted(provider.database.queries, certificate.subject)) {
    throw new FareboxError('certificate/untrusted');
  }
  const answered = await verifyChallengeResponse({
    bytes: response,
    module: certificate,
    provider: provider.id,
    suite: provider.suite,
  });
  return { certificate, response: answered };
}

/**
 * Uses a challenge up, in the transaction of what it allows.
 * @returns when it was issued, milliseconds since 1970.
 * @throws FareboxError `challenge/unknown`, `challenge/expired`, `challenge/replayed`.
 */
export async function spendChallenge(provider: Provider, tx: Queries, challenge: Uint8Array): Promise<number> {
  const now = provider.clock();
  const name = toHex(challenge);
  const [issued] = await tx.select().from(challenges).where(eq(challenges.challenge, name)).for('update');
  if (issued === undefined) throw new FareboxError('challenge/unknown');
  if (now >= issued.expiresTime) throw new FareboxError('challenge/expired');
  const used = await tx
    .update(challenges)
    .set({ usedTime: now })
    .where(and(eq(challenges.challenge, name), isNull(challenges.usedTime)))
    .returning({ challenge: challenges.challenge });
  if (used.length === 0) throw new FareboxError('challenge/replayed');
  return issued.issuedTime;
}
