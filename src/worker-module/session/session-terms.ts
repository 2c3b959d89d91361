// What a session is agreed on, taken from its signed objects once they are believed. Called where a session is opened, and where a paper of
// another copy brings one in.

import type { VerifiedGrant } from '../../protocol/grant.ts';
import type { VerifiedProgramme } from '../../protocol/programme.ts';
import type { SessionContract } from './session-contract.ts';
import type { SessionTerms } from './session-state.ts';

/** The terms of the session that this grant makes of this programme. */
export function termsOf(
  grant: VerifiedGrant,
  programme: VerifiedProgramme,
  contract: SessionContract | null,
): SessionTerms {
  return {
    provider: grant.provider,
    programme: grant.programme,
    programmeHash: grant.programmeHash,
    manifestHash: programme.manifest,
    grantHash: grant.grantHash,
    title: programme.title,
    currency: grant.currency,
    priceMinor: grant.priceMinor,
    creditMinor: grant.creditMinor,
    expires: grant.expires,
    frameCount: programme.frameCount,
    frameDurationMs: programme.frameDurationMs,
    granted: grant.ranges,
    replay: grant.replay,
    sequence: grant.sequence,
    contract,
    mode: grant.mode,
    live: programme.live,
    offline: grant.offline,
  };
}
