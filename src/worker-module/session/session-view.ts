// Sessions as the screens show them: built field by field, so that nothing else of a session can leave. Called by commands/.

import type { FrameRange } from '../../protocol/ranges.ts';
import type { SessionState, SessionView } from '../commands.ts';
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

/** The view of a session as loaded. */
export function viewSession(loaded: LoadedSession): SessionView {
  const { terms, progress } = loaded;
  const { count, amountMinor, counter } = meterOf(loaded);
  return {
    session: loaded.session,
    programme: terms.programme,
    title: terms.title,
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
  };
}

function copyRange([from, to]: FrameRange): FrameRange {
  return [from, to];
}

function framesOf(ranges: readonly FrameRange[]): readonly number[] {
  return ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_none, at) => from + at));
}
