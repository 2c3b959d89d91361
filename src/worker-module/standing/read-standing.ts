// The provider's last signed word on this module, as it is kept: read, believed again, and summed up in one word for the screens. Called by
// `status` and by the rest of this folder. What is kept is the signed bytes; nothing is taken from them without their signature.

import { equalBytes, toHex } from '../../protocol/bytes.ts';
import { verifyCertificate } from '../../protocol/certificate.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { hashObject, type ModuleId } from '../../protocol/ids.ts';
import { type SignedStanding, verifyStanding } from '../../protocol/standing.ts';
import type { Standing } from '../commands.ts';
import type { Core } from '../core.ts';
import type { IdentityRow, StandingRow } from '../store/rows.ts';

type StandingCore = Pick<Core, 'agencyKey' | 'suite' | 'store'>;

/** What was believed last, so that `status` verifies each word once. */
const believed = new WeakMap<StandingCore['store'], { readonly hash: string; readonly standing: SignedStanding }>();

/**
 * What the provider last said of this copy in the epoch that it is in. `unknown` before it was asked, and while an epoch is pending: what was
 * said is about the life that is being left.
 */
export async function readStanding(core: StandingCore): Promise<Standing> {
  const [identity, kept] = await Promise.all([core.store.meta('identity'), core.store.meta('standing')]);
  if (identity === null || identity.pending !== null) return 'unknown';
  const standing = await openKept(core, kept, identity.moduleId);
  return standing === null || standing.epoch < identity.epoch ? 'unknown' : standing.verdict;
}

/**
 * The kept word, believed anew, or null where none is kept. A row that does not verify was altered by whoever owns the profile, who could
 * have removed it as well: it counts as none, and the provider, who decides by its own record, is asked again.
 */
export async function openKept(
  core: StandingCore,
  kept: StandingRow | null,
  module: ModuleId,
): Promise<SignedStanding | null> {
  if (kept === null) return null;
  const hash = `${module}/${hashObject(kept.standing)}/${hashObject(kept.providerCertificate)}`;
  const known = believed.get(core.store);
  if (known?.hash === hash) return known.standing;
  try {
    const { agencyKey, suite } = core;
    const bytes = kept.providerCertificate;
    // Its certificate held when the word was kept, and may have run out since.
    const provider = await verifyCertificate({ bytes, agencyKey, role: 'provider', now: kept.acceptedTime, suite });
    const standing = await verifyStanding({ bytes: kept.standing, provider, module, suite });
    believed.set(core.store, { hash, standing });
    return standing;
  } catch (error) {
    if (error instanceof FareboxError) return null;
    throw error;
  }
}

/** True where both are the same row, byte for byte. */
export function sameKept(left: StandingRow | null, right: StandingRow | null): boolean {
  if (left === null || right === null) return left === right;
  return equalBytes(left.standing, right.standing);
}

/** The life that a pending epoch would begin, as text, to see whether it is still the same. */
export function pendingName({ pending }: IdentityRow): string {
  return pending === null ? 'none' : `${pending.epoch}/${toHex(pending.device)}`;
}
