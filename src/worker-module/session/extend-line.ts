// Live updates into the session that plays here (docs/protocol.md §20): each verified under the key of the session's provider, then bound to
// the line. Called by session-rooms.ts. Two updates that contradict each other are kept durably before anybody hears of it.

import { verifyCertificate } from '../../protocol/certificate.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { LiveLine } from '../../protocol/live-line.ts';
import { type VerifiedLiveUpdate, verifyLiveUpdate } from '../../protocol/live-update.ts';
import type { Core } from '../core.ts';
import type { ActiveSession } from './active-session.ts';
import type { LoadedSession } from './session-state.ts';

/** @throws FareboxError `live/not-live`, `live/malformed`, `live/gap`, `live/ended`, `live/equivocation`, `certificate/*`. What came before a refused one stays. */
export async function extendLine(
  core: Core,
  active: ActiveSession,
  { providerCertificate, openedTime, progress }: LoadedSession,
  updates: readonly Uint8Array[],
): Promise<void> {
  const { line, way, session } = active;
  if (line === null) throw new FareboxError('live/not-live', { session });
  if (progress.contradiction !== null) throw new FareboxError('live/equivocation', { session });
  const { agencyKey, suite } = core;
  // It held when the session was opened, and what is signed under it is judged by that: a programme may outlast it.
  const bytes = providerCertificate;
  const certificate = await verifyCertificate({ bytes, agencyKey, role: 'provider', now: openedTime, suite });
  const verified = await Promise.all(updates.map((update) => verifyLiveUpdate({ bytes: update, certificate, suite })));
  let grew = false;
  try {
    for (const update of verified) grew = (await take(core, active, line, update)) || grew;
  } finally {
    if (grew && !active.stopping && way.mode === 'display') way.sink.grew();
  }
}

async function take(
  core: Core,
  { session }: ActiveSession,
  line: LiveLine,
  update: VerifiedLiveUpdate,
): Promise<boolean> {
  try {
    return line.extend(update, core.clock.now());
  } catch (error) {
    const isProof = error instanceof FareboxError && error.code === 'live/equivocation';
    const known = isProof ? line.bytesOf(Number(error.detail?.number)) : null;
    if (known === null) throw error;
    await core.committer.commit({
      sessions: [session],
      apply: (draft) => {
        if (draft.session(session).progress.contradiction !== null) return;
        draft.change(session).progress.contradiction = [known, update.bytes];
      },
    });
    throw error;
  }
}
