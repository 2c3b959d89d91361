// P1, S3–S5: answers a provider's challenge. Called by commands/. Signs nothing for a provider that the agency has not certified, and
// nothing but a challenge response: the signature says where the record stands, so that a wound-back copy and a fork show.

import { type VerifiedCertificate, verifyCertificate } from '../../protocol/certificate.ts';
import { makeChallengeResponse, verifyChallenge } from '../../protocol/challenge.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeProviderId, type ProviderId } from '../../protocol/ids.ts';
import { firstHead } from '../../protocol/record-entry.ts';
import type { Core } from '../core.ts';
import { expectEnrolled, openIdentityKeys } from '../keys/identity.ts';
import type { RecordPlace } from '../record/draft.ts';
import { readHeadAt } from '../record/read-record.ts';

type RecordedContact = RecordPlace & {
  readonly device: Uint8Array;
  readonly epoch: number;
  readonly certificate: Uint8Array;
  /** True while another epoch is pending. */
  readonly isLeaving: boolean;
};
/** What a contact says of the record: heads of 32 bytes. */
export type ContactPlace = RecordPlace & { readonly pastHead: Uint8Array };

/**
 * The signed response and the module's certificate. The contact is in the record, durably, before it is signed, and the checkpoint knows it.
 * @throws FareboxError `enrolment/needed`, `certificate/*`, `challenge/*`.
 */
export async function answerChallenge(
  core: Core,
  asked: { readonly challenge: Uint8Array; readonly providerCertificate: Uint8Array },
): Promise<{ readonly response: Uint8Array; readonly certificate: Uint8Array }> {
  const { agencyKey, suite } = core;
  const now = core.clock.now();
  const identity = await expectEnrolled(core);
  const bytes = asked.providerCertificate;
  const provider = await verifyCertificate({ bytes, agencyKey, role: 'provider', now, suite });
  const challenge = await verifyChallenge({ bytes: asked.challenge, provider, now, suite });
  const { signer } = await openIdentityKeys(core, identity);
  const recorded = await recordContact(core, providerIdOf(provider));
  await core.checkpointer.flush();
  const { device, epoch, certificate, isLeaving } = recorded;
  // A contact of an epoch that is being left says the least that is true, the beginning of its record: no provider can take it for more
  // than a question about the standing, so that it can neither open nor settle anything nor be taken for the other copy's.
  const place = isLeaving ? emptyPlace() : await contactPlace(core, recorded, challenge);
  const response = await makeChallengeResponse({ signer, provider, challenge, now, device, epoch, ...place });
  return { response, certificate };
}

/** Writes the contact down; gives the life that makes it, as it is in the same commit. */
function recordContact(core: Core, provider: ProviderId): Promise<RecordedContact> {
  return core.committer.commit({
    sessions: [],
    apply: (draft) => {
      const identity = draft.meta('identity');
      if (identity === null || identity.certificate === null) throw new FareboxError('enrolment/needed');
      draft.append({ kind: 'disclosed', what: 'contact', to: provider });
      const { device, epoch, certificate, pending } = identity;
      return { ...draft.place(), device, epoch, certificate, isLeaving: pending !== null };
    },
  });
}

/** Where the record stands, and its head at the counter that a provider asks for: zeros where that is 0, beyond the record, or before a recovered one. */
export async function contactPlace(
  core: Core,
  { counter, head }: RecordPlace,
  asked: { readonly counter: number },
): Promise<ContactPlace> {
  const isWithin = asked.counter >= 1 && asked.counter <= counter;
  const past = isWithin ? await readHeadAt(core.store, core.keys.recordKey, asked.counter) : null;
  return { counter, head, pastHead: past ?? firstHead() };
}

function emptyPlace(): ContactPlace {
  return { counter: 0, head: firstHead(), pastHead: firstHead() };
}

function providerIdOf(provider: VerifiedCertificate): ProviderId {
  return decodeProviderId(provider.subject, 'certificate/malformed');
}
