// The identity of a module that goes on after a loss: the same keys, on a new device, in an epoch that is asked for and not granted yet. The
// request is part of the identity, so that it is durable before it can be sent, and the same bytes are sent until it is answered.

import { verifyEnrolmentRequest } from '../../protocol/enrolment.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { ModuleKeys, Surroundings } from '../core.ts';
import { makeDevice, makeEpochRequest, sealIdentityKeys } from '../keys/identity.ts';
import { type IdentityRow, ROW_VERSION } from '../store/rows.ts';

type Making = Pick<Surroundings, 'random' | 'clock' | 'suite'>;

/** The identity in a snapshot, its keys sealed anew, with its next epoch pending. @throws FareboxError `backup/malformed` where keys and request are not one module's. */
export async function identityFromSnapshot(around: Making, keys: ModuleKeys, snapshot: Snapshot): Promise<IdentityRow> {
  const { module, device, epoch, signingPublicKey, openingPublicKey, enrolmentRequest, certificate } = snapshot;
  const sealed = await sealIdentityKeys(keys.wrappingKey, snapshot, around.random);
  return withNextEpoch(around, keys, {
    ...{ name: 'identity', version: ROW_VERSION, moduleId: module, device, epoch },
    ...{ signingPublicKey, openingPublicKey, keys: sealed, enrolmentRequest, certificate, pending: null },
  });
}

/** The same identity with its next epoch pending: the one after the highest that it was ever asked for. @throws FareboxError `backup/malformed`. */
export async function withNextEpoch(around: Making, keys: ModuleKeys, identity: IdentityRow): Promise<IdentityRow> {
  const { random, clock, suite } = around;
  try {
    const asked = await verifyEnrolmentRequest({ bytes: identity.enrolmentRequest, suite });
    const epoch = Math.max(identity.epoch, identity.pending?.epoch ?? 0, asked.epoch) + 1;
    const life = { device: makeDevice(random), epoch };
    const enrolmentRequest = await makeEpochRequest({ keys, random, clock }, identity, life);
    // Signed by the private key and read with the public one: a pair that does not belong together is found here, not at the agency.
    const made = await verifyEnrolmentRequest({ bytes: enrolmentRequest, suite });
    if (made.module !== asked.module || made.module !== identity.moduleId) throw malformed();
    return { ...identity, pending: { ...life, enrolmentRequest } };
  } catch (cause) {
    throw cause instanceof FareboxError && cause.code === 'backup/malformed' ? cause : malformed(cause);
  }
}

function malformed(cause?: unknown): FareboxError {
  return new FareboxError('backup/malformed', { member: 'signingKey' }, { cause });
}
