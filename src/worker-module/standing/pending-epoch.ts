// Which epoch to ask for next, and the request for it. Called when the person goes on with this copy, and when the epoch that was asked for
// turns out to be taken. Makes; the caller commits before anything is sent.

import { FareboxError } from '../../protocol/errors.ts';
import { sameLife } from '../../protocol/life.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { SignedStanding } from '../../protocol/standing.ts';
import type { Core } from '../core.ts';
import { makeDevice, makeEpochRequest } from '../keys/identity.ts';
import type { IdentityRow } from '../store/rows.ts';

/** An epoch that is asked for and not granted. */
export type PendingEpoch = NonNullable<IdentityRow['pending']>;

/** A new device in the epoch after the highest known. @throws FareboxError `standing/malformed` where there is none after it. */
export function makePending(core: Core, identity: IdentityRow, standing: SignedStanding): Promise<PendingEpoch> {
  return requestFor(core, identity, makeDevice(core.random), standing);
}

/**
 * What a pending epoch has to become by this standing: null where it stays, because nothing is pending, its epoch is still free, or it is
 * this very request that was granted and only the answer was lost.
 */
export async function pendingAfter(
  core: Core,
  identity: IdentityRow,
  standing: SignedStanding,
): Promise<PendingEpoch | null> {
  const { pending } = identity;
  if (pending === null || standing.epoch < pending.epoch || sameLife(standing, pending)) return null;
  // No certificate was ever given to this device, so it goes on to the next epoch.
  return requestFor(core, identity, pending.device, standing);
}

async function requestFor(
  core: Core,
  identity: IdentityRow,
  device: Uint8Array,
  standing: SignedStanding,
): Promise<PendingEpoch> {
  const epoch = Math.max(identity.epoch, standing.epoch) + 1;
  if (epoch > LIMITS.epochs) throw new FareboxError('standing/malformed', { claim: 'epoch' });
  return { device, epoch, enrolmentRequest: await makeEpochRequest(core, identity, { device, epoch }) };
}
