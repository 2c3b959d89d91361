// The module's own keys: made once, by WebCrypto, not extractable; enrolled with the agency. Called by commands/.
// The private keys never leave the database and this worker; there is no code here that could read one.

import { equalBytes } from '../../protocol/bytes.ts';
import { verifyCertificate } from '../../protocol/certificate.ts';
import { ENROLMENT_NONCE_LENGTH_BYTES, makeEnrolmentRequest } from '../../protocol/enrolment.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { makeSealingKeyPair } from '../../protocol/hpke.ts';
import { decodeModuleId, type ModuleId, partyIdOf } from '../../protocol/ids.ts';
import { type Signer, signerFromCryptoKey } from '../../protocol/suite/signer.ts';
import type { Core } from '../core.ts';
import { type IdentityRow, ROW_VERSION } from '../store/rows.ts';

/** A module that the agency has certified. */
export type EnrolledIdentity = IdentityRow & { readonly certificate: Uint8Array };

/** The enrolment request (COSE bytes), made and stored with new keys when there are none; the same bytes ever after. */
export async function commitEnrolmentRequest(core: Core): Promise<Uint8Array> {
  const stored = await core.store.identity();
  if (stored !== null) return stored.enrolmentRequest;
  const made = await makeIdentity(core);
  const kept = await core.committer.commit({
    sessions: [],
    apply: (draft) => {
      // Another tab may have been faster: its keys are the module's, these are dropped.
      const earlier = draft.identity();
      if (earlier !== null) return earlier;
      draft.putIdentity(made);
      return made;
    },
  });
  return kept.enrolmentRequest;
}

/** Checks and keeps the agency's certificate. @throws FareboxError `certificate/*`, `enrolment/needed`, `enrolment/other-key`. */
export async function commitCertificate(core: Core, certificate: Uint8Array): Promise<ModuleId> {
  const { agencyKey, suite } = core;
  const now = core.clock.now();
  const verified = await verifyCertificate({ bytes: certificate, agencyKey, role: 'module', now, suite });
  return core.committer.commit({
    sessions: [],
    apply: (draft) => {
      const identity = draft.identity();
      if (identity === null) throw new FareboxError('enrolment/needed');
      const { publicKey, sealingKey } = verified;
      const isOurs =
        equalBytes(publicKey, identity.signingPublicKey) &&
        sealingKey !== null &&
        equalBytes(sealingKey, identity.openingPublicKey);
      if (!isOurs) throw new FareboxError('enrolment/other-key', { subject: verified.subject });
      draft.putIdentity({ ...identity, certificate });
      return identity.moduleId;
    },
  });
}

/** The identity of an enrolled module. @throws FareboxError `enrolment/needed`. */
export async function expectEnrolled(core: Core): Promise<EnrolledIdentity> {
  const identity = await core.store.identity();
  if (identity === null || identity.certificate === null) throw new FareboxError('enrolment/needed');
  return { ...identity, certificate: identity.certificate };
}

/** Signs as this module. */
export function signerOf(identity: IdentityRow): Signer {
  return signerFromCryptoKey(identity.signingKey, identity.signingPublicKey);
}

async function makeIdentity(core: Core): Promise<IdentityRow> {
  const signing = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  if (!('privateKey' in signing)) throw new FareboxError('browser/unsupported', { missing: 'Ed25519' });
  const signingPublicKey = new Uint8Array(await crypto.subtle.exportKey('raw', signing.publicKey));
  const opening = await makeSealingKeyPair();
  const enrolmentRequest = await makeEnrolmentRequest({
    signer: signerFromCryptoKey(signing.privateKey, signingPublicKey),
    sealingKey: opening.publicKey,
    nonce: core.random(ENROLMENT_NONCE_LENGTH_BYTES),
    issuedAt: core.clock.now(),
  });
  return {
    name: 'identity',
    version: ROW_VERSION,
    moduleId: decodeModuleId(partyIdOf(signingPublicKey), 'module/internal'),
    signingKey: signing.privateKey,
    signingPublicKey,
    openingKey: opening.privateKey,
    openingPublicKey: opening.publicKey,
    enrolmentRequest,
    certificate: null,
  };
}
