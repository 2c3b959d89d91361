// How one kept programme is shown, from what is on the shelf, what goes on in this tab, what another tab has said, and what the module knows. Pure.

import type { FareboxErrorCode } from '../../protocol/errors.ts';
import type { SessionView } from '../../worker-module/commands.ts';
import type { DownloadTerm, DownloadView, Told } from './downloads-state.ts';
import type { KeptEntry } from './kept-entry.ts';
import type { Progress } from './kept-progress.ts';

/** What is known of it besides its entry. */
export type KnownOfIt = {
  /** Files that are not here; null where that cannot be known now. */
  readonly missing: number | null;
  /** As this tab has read the shelf. */
  readonly own: Progress;
  /** It is fetched in this tab; `code`: why it waits for the line. */
  readonly running: { readonly code: FareboxErrorCode | null } | null;
  /** What the tab that fetches it has said. */
  readonly told: Told | null;
  /** Why it stopped here. */
  readonly failed: FareboxErrorCode | null;
  readonly term: DownloadTerm;
};

/** Draws it. */
export function viewOf(entry: KeptEntry, known: KnownOfIt): DownloadView {
  const { programmeId, session, title, untilTime, catalogueEntry, labels, sizeBytes, frameCount } = entry;
  const { own, told, term } = known;
  // A tab that only hears of it has read the shelf before some of it came.
  const doneBytes = Math.min(sizeBytes, Math.max(own.doneBytes, told?.doneBytes ?? 0));
  const doneFrames = Math.min(frameCount, Math.max(own.doneFrames, told?.doneFrames ?? 0));
  const facts = { programmeId, session, title, untilTime, catalogueEntry, labels, sizeBytes, frameCount };
  return { ...facts, doneBytes, doneFrames, ...phaseOf(entry, known), term };
}

function phaseOf(
  { wish }: KeptEntry,
  { missing, running, told, failed }: KnownOfIt,
): Pick<DownloadView, 'phase' | 'code'> {
  if (missing === 0) return { phase: 'here', code: null };
  if (running !== null) return { phase: running.code === null ? 'fetching' : 'no-line', code: running.code };
  if (wish === 'pause') return { phase: 'paused', code: null };
  if (told !== null) return { phase: told.phase, code: told.code };
  return { phase: failed === null ? 'waiting' : 'failed', code: failed };
}

/** What may still be watched of it; by the time alone where the module could not be asked (`sessions` null). */
export function termOf(
  { session, untilTime }: KeptEntry,
  sessions: readonly SessionView[] | null,
  nowMs: number,
): DownloadTerm {
  const known = sessions?.find((view) => view.session === session);
  if (sessions !== null && known?.state !== 'open') return 'ended';
  return untilTime <= nowMs ? 'over' : 'open';
}
