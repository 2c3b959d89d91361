// The life of a frame (docs/protocol.md §8) as changes to a draft: reserve, count, fail, and the end of a session. Pure but for the draft.
// Every function checks before it changes anything. None may let a frame be counted twice, or a leaf out of a closed session.
//
//   unseen ──reserve──► reserved ──count──► decrypted   (counted once; settles every open reservation of the frame)
//                          └──────fail────► failed      (its leaf stays pending: a later, good copy can be opened)

import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { addFrame, coversFrame } from '../../protocol/ranges.ts';
import type { CommitDraft } from '../record/draft.ts';
import { allowsReplay, isCounted, type LoadedSession, type SessionSecrets } from './session-state.ts';

/** Failed frames that a session remembers: with all its ranges it still is one readable object (LIMITS.cborItems). */
const FAILURES_KEPT = 16_384;

/** A frame as one tab has it. */
export type FrameInTab = { readonly session: SessionId; readonly frame: number; readonly tab: string };

/** `reserved`: the leaf (32 bytes) may be used once the commit is durable; `counted`: shown before, look among the held leaves. */
export type Reservation = { readonly kind: 'reserved'; readonly leaf: Uint8Array } | { readonly kind: 'counted' };

/** What a tab learns of the session with each outcome. */
export type Meter = { readonly count: number; readonly amountMinor: number; readonly counter: number };

/** Number of frames, their price, and the counter of the session's newest entry. */
export function meterOf(session: LoadedSession): Meter {
  const { count, lastCounter } = session.progress;
  return { count, amountMinor: Number(BigInt(count) * session.terms.priceMinor), counter: lastCounter };
}

/** Reserves a frame. @throws FareboxError `session/closed`, `session/full`, `sequence/spent`, `sequence/not-covered`. */
export function reserveFrame(draft: CommitDraft, at: FrameInTab, rung: string): Reservation {
  const secrets = openSecrets(draft.session(at.session));
  if (isCounted(draft.session(at.session), at.frame)) return { kind: 'counted' };
  expectRoom(draft.session(at.session), at);
  // The leaf is made here because it must be sealed into the same transaction; it goes no further before that is durable.
  const leaf = secrets.pending.get(at.frame) ?? secrets.sequence.at(at.frame);
  const { progress } = draft.change(at.session);
  secrets.pending.set(at.frame, leaf);
  progress.reservations.set(at.frame, [...(progress.reservations.get(at.frame) ?? []), at.tab]);
  progress.lastCounter = draft.append({ kind: 'reserved', session: at.session, frame: at.frame, rung });
  return { kind: 'reserved', leaf };
}

/**
 * Counts a frame that this tab has reserved; a frame that another tab has counted meanwhile is a replay.
 * @throws FareboxError `session/closed`, `sequence/spent` (counted elsewhere, no replay), `frame/interrupted` (the reservation was settled).
 */
export function countFrame(
  draft: CommitDraft,
  at: FrameInTab,
  outcome: { readonly rung: string; readonly late: boolean; readonly positionMs: number },
): { readonly replayed: boolean; readonly meter: Meter } {
  const before = draft.session(at.session);
  const secrets = openSecrets(before);
  if (isCounted(before, at.frame)) {
    if (!allowsReplay(before.terms.replay, draft.time)) throw new FareboxError('sequence/spent', { frame: at.frame });
    return { replayed: true, meter: meterOf(before) };
  }
  const leaf = secrets.pending.get(at.frame);
  if (leaf === undefined || !before.progress.reservations.get(at.frame)?.includes(at.tab)) {
    throw new FareboxError('frame/interrupted', { frame: at.frame });
  }
  const { progress, terms } = draft.change(at.session);
  const { rung, late } = outcome;
  progress.lastCounter = draft.append({ kind: 'decrypted', session: at.session, frame: at.frame, rung, late });
  progress.decrypted = addFrame(progress.decrypted, at.frame);
  if (late) progress.late = addFrame(progress.late, at.frame);
  if (terms.contract?.lowRungs.includes(rung)) progress.low = addFrame(progress.low, at.frame);
  progress.count += 1;
  progress.rungs.set(rung, (progress.rungs.get(rung) ?? 0) + 1);
  // Earliest and latest, not first and last: a machine's clock may be set back while it plays.
  progress.firstTime = progress.count === 1 ? draft.time : Math.min(progress.firstTime, draft.time);
  progress.lastTime = Math.max(progress.lastTime, draft.time);
  progress.positionMs = outcome.positionMs;
  progress.reservations.delete(at.frame);
  progress.failures.delete(at.frame);
  secrets.pending.delete(at.frame);
  if (allowsReplay(terms.replay, draft.time)) draft.hold(at.session, at.frame, leaf);
  return { replayed: false, meter: meterOf(draft.session(at.session)) };
}

/** Ends this tab's reservation of a frame without a count. Does nothing where the reservation was settled already. */
export function failFrame(draft: CommitDraft, at: FrameInTab, code: FareboxErrorCode): Meter {
  const before = draft.session(at.session);
  const tabs = before.progress.reservations.get(at.frame) ?? [];
  const place = tabs.indexOf(at.tab);
  if (before.state !== 'open' || place < 0) return meterOf(before);
  const { progress } = draft.change(at.session);
  const left = tabs.filter((_tab, index) => index !== place);
  if (left.length === 0) progress.reservations.delete(at.frame);
  else progress.reservations.set(at.frame, left);
  progress.failures.set(at.frame, code);
  progress.lastCounter = draft.append({ kind: 'failed', session: at.session, frame: at.frame, code });
  return meterOf(draft.session(at.session));
}

/** Ends the reservations of tabs that are gone: `frame/interrupted`. Nothing of these frames was shown, because nothing was counted. */
export function failInterrupted(draft: CommitDraft, session: SessionId, isGone: (tab: string) => boolean): void {
  for (const [frame, tabs] of [...draft.session(session).progress.reservations]) {
    for (const tab of tabs.filter(isGone)) failFrame(draft, { session, frame, tab }, 'frame/interrupted');
  }
}

/** Writes down that play stood still for a frame, where that is longer than the session's contract allows; several times for one frame add up. */
export function noteStall(draft: CommitDraft, session: SessionId, frame: number, ms: number): void {
  const { state, terms, progress: before } = draft.session(session);
  if (state !== 'open' || terms.contract === null || !coversFrame(terms.granted, frame)) return;
  const known = before.stalls.get(frame);
  const most = LIMITS.stalledMs - (known ?? 0);
  const added = Math.min(Math.round(ms), most);
  const isFull = known === undefined && before.stalls.size >= LIMITS.deliveryRanges;
  if (added < 1 || isFull || (known === undefined && added <= terms.contract.promised.longestStallMs)) return;
  const { progress } = draft.change(session);
  progress.stalls.set(frame, (known ?? 0) + added);
  progress.lastCounter = draft.append({ kind: 'stalled', session, frame, ms: added });
}

/** Ends a session: open reservations are withheld, the tree and every leaf are erased. Once ended, it stays as it is. */
export function endSession(draft: CommitDraft, session: SessionId): void {
  if (draft.session(session).state !== 'open') return;
  for (const [frame, tabs] of [...draft.session(session).progress.reservations]) {
    for (const tab of tabs) failFrame(draft, { session, frame, tab }, 'frame/withheld');
  }
  const ending = draft.change(session);
  ending.progress.lastCounter = draft.append({ kind: 'closed', session });
  ending.state = 'closing';
  ending.secrets = null;
  ending.secretsKey = null;
  draft.release(session);
}

/**
 * Refuses a frame whose count could take the session beyond what a receipt, or its own row, can say: every frame reserved now may become a
 * range of its own. A frame next to one that was counted never does.
 */
function expectRoom({ progress, terms }: Pick<LoadedSession, 'progress' | 'terms'>, at: FrameInTab): void {
  const { decrypted, late, low, failures, reservations } = progress;
  const waiting = reservations.has(at.frame) ? reservations.size : reservations.size + 1;
  const joins = coversFrame(decrypted, at.frame + 1) || (at.frame > 0 && coversFrame(decrypted, at.frame - 1));
  const isFull =
    (!joins && decrypted.length + waiting > LIMITS.ranges) ||
    late.length + waiting > LIMITS.ranges ||
    failures.size + waiting > FAILURES_KEPT ||
    // A receipt of a session with a contract names them.
    (terms.contract !== null && Math.max(late.length, low.length, failures.size) + waiting > LIMITS.deliveryRanges);
  if (isFull) throw new FareboxError('session/full', { session: at.session });
}

function openSecrets(session: LoadedSession): SessionSecrets {
  if (session.state !== 'open' || session.secrets === null) {
    throw new FareboxError('session/closed', { session: session.session });
  }
  return session.secrets;
}
