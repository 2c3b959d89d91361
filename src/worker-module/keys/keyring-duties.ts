// What a module does about downloaded keys (docs/protocol.md §23, §24): takes a set's transport key, draws requests, imports, agrees. Called by
// commands/. Each is one durable change of the keyring, or none; nothing leaves before it is durable.

import { type VerifiedCertificate, verifyCertificate } from '../../protocol/certificate.ts';
import { acceptKeyAgreement, verifyKeyAgreement } from '../../protocol/derived-keys/agreement.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeProviderId, type ProviderId } from '../../protocol/ids.ts';
import { openTransportKey } from '../../protocol/key-unit/transport-key.ts';
import type { KeyImport, KeyRequestView, KeySetView, KeySlotView } from '../commands.ts';
import type { Core } from '../core.ts';
import { type EnrolledIdentity, expectEnrolled, openIdentityKeys } from './identity.ts';
import { drawKeyRequest, importIntoSlot, type KeyRequest, takeTransportKey } from './key-slots.ts';
import { takeAgreement } from './key-slots-agreement.ts';
import { viewHolder } from './key-slots-view.ts';
import { changeKeyring, holderOf, withHolder } from './keyring.ts';

/** The identity of a module that is certified in the epoch that it is in. @throws FareboxError `enrolment/needed`. */
export async function expectCertified(core: Core): Promise<EnrolledIdentity> {
  const identity = await expectEnrolled(core);
  if (identity.pending !== null) throw new FareboxError('enrolment/needed');
  return identity;
}

function verifyProvider(core: Core, bytes: Uint8Array): Promise<VerifiedCertificate> {
  const { agencyKey, suite, clock } = core;
  return verifyCertificate({ bytes, agencyKey, role: 'provider', now: clock.now(), suite });
}

/**
 * Takes T of the set that a certified provider took this module into; durable on return.
 * @throws FareboxError `enrolment/needed`, `certificate/*`, `keys/malformed`, `keys/data`, `keys/replayed`, `keys/unknown-slot`.
 */
export async function acceptTransportKey(
  core: Core,
  given: { readonly transportKey: Uint8Array; readonly providerCertificate: Uint8Array },
): Promise<KeySetView> {
  const identity = await expectCertified(core);
  const provider = await verifyProvider(core, given.providerCertificate);
  const { openingKey } = await openIdentityKeys(core, identity);
  const transport = await openTransportKey({
    ...{ bytes: given.transportKey, provider, module: identity.moduleId, suite: core.suite },
    keyPair: { privateKey: openingKey, publicKey: identity.openingPublicKey },
  });
  try {
    const { answer } = await changeKeyring(core, async (before, now) => {
      const held = before.holders.find((holder) => holder.transport.provider === transport.provider) ?? null;
      // A copy: what goes into the keyring is overwritten, and another tab may be faster.
      const own = { ...transport, transportKey: Uint8Array.from(transport.transportKey) };
      const taken = takeTransportKey(held, own, now);
      const after = taken === held ? before : withHolder(before, taken);
      return { after, answer: viewHolder(taken, identity.epoch) };
    });
    return answer;
  } finally {
    transport.transportKey.fill(0);
  }
}

/**
 * Draws R for each of these references; durable on return.
 * @throws FareboxError `enrolment/needed`, `keys/unknown-unit`, `keys/malformed`.
 */
export async function drawKeyRequests(
  core: Core,
  asked: { readonly provider: ProviderId; readonly references: readonly string[] },
): Promise<readonly KeyRequestView[]> {
  const { answer } = await changeKeyring(core, async (before, now) => {
    let holder = holderOf(before, asked.provider);
    const requests: KeyRequest[] = [];
    for (const reference of asked.references) {
      const { after, request } = drawKeyRequest(holder, { reference, random: core.random, now });
      holder = after;
      requests.push(request);
    }
    return {
      after: withHolder(before, holder),
      answer: requests.map(({ reference, random }) => ({ reference, random: Uint8Array.from(random) })),
    };
  });
  return answer;
}

/**
 * IMPORTKEY: the key is stored and its R spent, or everything is as it was; durable on return. `mask`: as `importIntoSlot`, for a key that a PIN
 * chooses.
 * @throws FareboxError `enrolment/needed`, and as `importIntoSlot`.
 */
export async function importKey(core: Core, command: KeyImport, mask: Uint8Array | null = null): Promise<KeySlotView> {
  const { moduleId: module } = await expectCertified(core);
  const { answer } = await changeKeyring(core, async (before, now) => {
    const { after, imported } = importIntoSlot(holderOf(before, command.provider), { module, command, mask, now });
    return { after: withHolder(before, after), answer: imported };
  });
  return answer;
}

/**
 * Keeps a certified provider's agreement and signs that it does; durable, the checkpoint included, before the signature is made.
 * @throws FareboxError `enrolment/needed`, `certificate/*`, `keys/unknown-unit`, `keys/malformed`, `keys/retired`, `keys/unknown-slot`.
 */
export async function acceptAgreement(
  core: Core,
  given: { readonly agreement: Uint8Array; readonly providerCertificate: Uint8Array },
): Promise<{ readonly acceptance: Uint8Array }> {
  const identity = await expectCertified(core);
  const provider = await verifyProvider(core, given.providerCertificate);
  const { suite, clock } = core;
  const { moduleId: module, epoch } = identity;
  // Which number was met is asked where nobody can be faster: in the change.
  const agreement = await verifyKeyAgreement({ bytes: given.agreement, provider, module, newest: 0, suite });
  const { signer } = await openIdentityKeys(core, identity);
  const to = decodeProviderId(provider.subject, 'certificate/malformed');
  await changeKeyring(core, async (before, now) => {
    const held = holderOf(before, to);
    const taken = takeAgreement(held, { agreement, epoch, now });
    const after = taken === held ? before : withHolder(before, taken);
    return { after, entries: [{ kind: 'disclosed', what: 'agreement', to }], answer: null };
  });
  await core.checkpointer.flush();
  return { acceptance: await acceptKeyAgreement({ signer, provider, agreement, now: clock.now() }) };
}
