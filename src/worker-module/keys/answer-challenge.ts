// P1, S3–S5: answers a provider's challenge. Called by commands/. Signs nothing for a provider that the agency has not certified, and
// nothing but a challenge response: the signature says where the record stands, so that a wound-back copy shows.

import { verifyCertificate } from '../../protocol/certificate.ts';
import { makeChallengeResponse, verifyChallenge } from '../../protocol/challenge.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { Core } from '../core.ts';
import { expectEnrolled, signerOf } from './identity.ts';

/** The signed response and the module's certificate. @throws FareboxError `enrolment/needed`, `certificate/*`, `challenge/*`. */
export async function answerChallenge(
  core: Core,
  asked: { readonly challenge: Uint8Array; readonly providerCertificate: Uint8Array },
): Promise<{ readonly response: Uint8Array; readonly certificate: Uint8Array }> {
  const { agencyKey, suite } = core;
  const now = core.clock.now();
  const identity = await expectEnrolled(core);
  const provider = await verifyCertificate({
    bytes: asked.providerCertificate,
    agencyKey,
    role: 'provider',
    now,
    suite,
  });
  const challenge = await verifyChallenge({ bytes: asked.challenge, provider, now, suite });
  const header = await core.store.header();
  if (header === null) throw new FareboxError('store/wiped');
  const { counter, head } = header;
  const response = await makeChallengeResponse({ signer: signerOf(identity), provider, challenge, now, counter, head });
  return { response, certificate: identity.certificate };
}
