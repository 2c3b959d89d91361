// Sessions as the screens show them: built field by field, so that nothing else of a session can leave. Called by commands/.

import { toHex } from '../../protocol/bytes.ts';
import type { FareboxErrorCode } from '../../protocol/errors.ts';
import type { LiveReach } from '../../protocol/live-line.ts';
import type { FrameRange } from '../../protocol/ranges.ts';
import type { ContractView, LiveView, SessionState, SessionView } from '../commands.ts';
import type { SessionRowState } from '../store/rows.ts';
import { meterOf } from './frame-life.ts';
import type { LoadedSession } from './session-state.ts';

// A session that is closing shows as closed: it plays no more, and its receipt is there before anyone can ask.
const SHOWN_STATES: Readonly<Record<SessionRowState, SessionState>> = {
  open: 'open',
  closing: 'closed',
  closed: 'closed',
  accepted: 'accepted',
  refused: 'refused',
};

/** How a frame ends that was never wanted, or whose tab went away. */
const UNSHOWN: ReadonlySet<FareboxErrorCode> = new Set(['frame/withheld', 'frame/interrupted']);

/** Whether nobody has watched a session: nothing of it was shown, and nothing that was to be shown failed. */
export function isUnused({ progress }: Pick<LoadedSession, 'progress'>): boolean {
  const { count, stalls, failures } = progress;
  return count === 0 && stalls.size === 0 && [...failures.values()].every((code) => UNSHOWN.has(code));
}

/** The view of a session as loaded. `reach`: how far its live programme is known in this tab. */
export function viewSession(loaded: LoadedSession, reach: LiveReach | null = null): SessionView {
  const { terms, progress } = loaded;
  const { count, amountMinor, counter } = meterOf(loaded);
  return {
    session: loaded.session,
    programme: terms.programme,
    title: terms.title,
    mode: terms.mode,
    state: SHOWN_STATES[loaded.state],
    currency: terms.currency,
    priceMinor: Number(terms.priceMinor),
    creditMinor: Number(terms.creditMinor),
    expires: terms.expires,
    frameCount: terms.frameCount,
    frameDurationMs: terms.frameDurationMs,
    granted: terms.granted.map(copyRange),
    decrypted: progress.decrypted.map(copyRange),
    lateFrames: framesOf(progress.late),
    failedFrames: [...progress.failures.keys()].sort((a, b) => a - b),
    count,
    amountMinor,
    counter,
    openedTime: loaded.openedTime,
    positionMs: progress.positionMs,
    contract: viewContract(terms.contract),
    live: viewLive(loaded, reach),
    offline: terms.offline,
    sequence: terms.sequence,
    unused: isUnused(loaded),
  };
}

/** What was promised, and under which id content is asked for. */
function viewContract(contract: LoadedSession['terms']['contract']): ContractView | null {
  if (contract === null) return null;
  const { slotsPerMinute, longestStallMs, leastRung, refunds } = contract.promised;
  const deliveryId = toHex(contract.deliveryId);
  return { slotsPerMinute, longestStallMs, leastRung, refunds: { ...refunds }, deliveryId };
}

/** When it began, how far one may go back, and what this tab knows of it. */
function viewLive({ terms, progress }: LoadedSession, reach: LiveReach | null): LiveView | null {
  if (terms.live === null) return null;
  const { startTime, windowFrames } = terms.live;
  const known = { first: reach?.first ?? null, edge: reach?.edge ?? null, ended: reach?.ended ?? false };
  return { startTime, windowFrames, ...known, contradicted: progress.contradiction !== null };
}

function copyRange([from, to]: FrameRange): FrameRange {
  return [from, to];
}

function framesOf(ranges: readonly FrameRange[]): readonly number[] {
  return ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_none, at) => from + at));
}
