// The cast's module as it is kept: its snapshot, the recovery words of its backup, and the provider's standing of it. All
// from fixed labels, save the grant in it. For tests and make.ts only; every secret is public.

import { concatBytes, fromHex } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import { makeEnrolmentRequest } from '../enrolment.ts';
import { decodeModuleId, decodeSessionId } from '../ids.ts';
import type { Snapshot } from '../snapshot.ts';
import type { StandingToSign } from '../standing.ts';
import { bytesOf, type Cast, NOW, SESSION } from './cast.ts';
import type { Story } from './story.ts';

/** Entropy behind the recovery words of the vectors. */
export const ENTROPY = bytesOf('recovery words', 16);

/** Nonce of the vectors' backup. */
export const BACKUP_NONCE = bytesOf('backup nonce', 12);

/** What an authenticator gives for the passkey of the vectors' backup. */
export const PASSKEY = { credentialId: bytesOf('credential', 24), prfOutput: bytesOf('prf output') };

/** Nonce of that passkey's slot. */
export const SLOT_NONCE = bytesOf('slot nonce', 12);

/** A session of which the provider has no receipt. */
export const OPEN_SESSION = decodeSessionId(bytesOf('open session', 16));

// RFC 8410 §7: what stands before the 32 secret bytes of a PKCS #8 key.
const ED25519_PKCS8 = fromHex('302e020100300506032b657004220420');
const X25519_PKCS8 = fromHex('302e020100300506032b656e04220420');

/** The module with one accepted session and one that is open. */
export async function snapshotOf({ module }: Cast, story: Story): Promise<Snapshot> {
  const { device, epoch } = module.certificate;
  const session = {
    openedTime: NOW,
    openedCounter: 5,
    programme: story.file.programme,
    grant: story.grantBytes,
    providerCertificate: story.file.providerCertificate,
    terms: encodeCbor(['terms']),
    progress: encodeCbor(['progress']),
  };
  return {
    module: decodeModuleId(module.certificate.subject),
    signingKey: concatBytes(ED25519_PKCS8, bytesOf('module Ed25519')),
    openingKey: concatBytes(X25519_PKCS8, bytesOf('module X25519')),
    signingPublicKey: module.signer.publicKey,
    openingPublicKey: module.sealing.publicKey,
    device,
    epoch,
    enrolmentRequest: await makeEnrolmentRequest({
      signer: module.signer,
      sealingKey: module.sealing.publicKey,
      nonce: bytesOf('enrolment nonce', 16),
      issuedAt: NOW,
      device,
      epoch,
    }),
    certificate: module.certificateBytes,
    counter: 17,
    head: bytesOf('head'),
    settings: { idleLockMs: 600_000, allowanceMinor: 50_000 },
    sessions: [
      { ...session, session: OPEN_SESSION, state: 'open' },
      { ...session, session: SESSION, state: 'accepted' },
    ],
    receipts: [
      {
        session: SESSION,
        closedTime: NOW + 10_000,
        receipt: story.receiptBytes,
        certificate: module.certificateBytes,
        acknowledgement: story.acknowledgementBytes,
      },
    ],
  };
}

/** What the provider says when another copy of the module went on from the same state. */
export function standingOf({ module }: Cast, story: Story): StandingToSign {
  const { subject, device, epoch } = module.certificate;
  return {
    module: decodeModuleId(subject),
    verdict: 'fork',
    device,
    epoch,
    counter: 17,
    head: bytesOf('head'),
    since: NOW - 1234,
    currency: 'EUR',
    creditMinor: 940n,
    sessions: [
      { session: OPEN_SESSION, receiptHash: null, sequenceNumber: 0, amountMinor: 0n },
      {
        session: SESSION,
        receiptHash: story.receipt.receiptHash,
        sequenceNumber: 41,
        amountMinor: 60n,
      },
    ],
    issuedAt: NOW + 12_000,
  };
}
