// What one session has counted so far, as its screens show it: kept from the module's own view and its frame events.
// Pure; called by player.ts. The module's numbers are shown as they are: only what is left to spend is worked out here.

import { type Amount, add, amount, multiply, subtract } from '../protocol/amount.ts';
import { countFrames, type FrameRange } from '../protocol/ranges.ts';
import type { SessionSequenceName } from '../protocol/sequence/names.ts';
import type { SessionView } from '../worker-module/commands.ts';
import type { ModuleEvent } from '../worker-module/events.ts';

/** What became of a frame. Numbers, so that thousands fit a byte each. */
export const FRAME_MARKS = Object.freeze({ toCome: 0, decrypted: 1, late: 2, failed: 3 });

/** A session's counts and money. */
export type Tally = {
  readonly session: string;
  readonly title: string;
  readonly frameCount: number;
  /** True for a live programme, which has no number of frames to be done with. */
  readonly isLive: boolean;
  /** Where its frame keys come from. */
  readonly sequence: SessionSequenceName;
  readonly frameDurationMs: number;
  readonly price: Amount;
  readonly granted: readonly FrameRange[];
  /** One FRAME_MARKS value a frame; a new array at each change. */
  readonly marks: Uint8Array;
  readonly count: number;
  readonly late: number;
  readonly failed: number;
  readonly spent: Amount;
  /** What the session can still spend: its reservation and the credit behind it, less what was spent. */
  readonly allowance: Amount;
  /** Number of the newest entry in the module's record. */
  readonly counter: number;
  /** Label of the newest decrypted frame's video part; null before one. */
  readonly rung: string | null;
  /** What was delivered last in this visit, in the order in which it came, at most `RECENT_FRAMES`. */
  readonly recent: readonly DeliveredFrame[];
};

/** Frames that the strip chart of delivery shows: two minutes of the usual two seconds. */
export const RECENT_FRAMES = 60;

/** One frame as it was delivered. */
export type DeliveredFrame = {
  /** Ascends from frame to frame of a visit. */
  readonly order: number;
  readonly frame: number;
  /** A FRAME_MARKS value. */
  readonly mark: number;
  /** Label of the video part that it came with. */
  readonly rung: string;
};

/** The tally of a session that was just opened or taken up. */
export function tallyOf(view: SessionView): Tally {
  const marks = new Uint8Array(view.frameCount);
  for (const [from, to] of view.decrypted) marks.fill(FRAME_MARKS.decrypted, from, to);
  for (const frame of view.lateFrames) marks[frame] = FRAME_MARKS.late;
  for (const frame of view.failedFrames) marks[frame] = FRAME_MARKS.failed;
  const price = amount(view.currency, BigInt(view.priceMinor));
  const spent = amount(view.currency, BigInt(view.amountMinor));
  const reserved = multiply(price, BigInt(countFrames(view.granted)));
  return {
    session: view.session,
    title: view.title,
    frameCount: view.frameCount,
    isLive: view.live !== null,
    sequence: view.sequence,
    frameDurationMs: view.frameDurationMs,
    price,
    granted: view.granted,
    marks,
    count: view.count,
    late: view.lateFrames.length,
    failed: view.failedFrames.length,
    spent,
    allowance: subtract(add(amount(view.currency, BigInt(view.creditMinor)), reserved), spent),
    counter: view.counter,
    rung: null,
    recent: [],
  };
}

/** Takes one outcome. A frame withheld stays to come; a frame that failed and later opened counts as opened. */
export function tallyFrame(tally: Tally, event: Extract<ModuleEvent, { type: 'frame' }>): Tally {
  const marks = tally.marks.with(event.frame, markOf(event, tally.marks[event.frame] ?? FRAME_MARKS.toCome));
  const isDelivered = event.outcome === 'decrypted' || event.outcome === 'failed';
  const countOf = (mark: number): number => marks.reduce((sum, each) => sum + (each === mark ? 1 : 0), 0);
  const spent = amount(tally.price.currency, BigInt(event.amountMinor));
  return {
    ...tally,
    marks,
    count: event.count,
    late: countOf(FRAME_MARKS.late),
    failed: countOf(FRAME_MARKS.failed),
    spent,
    allowance: subtract(add(tally.allowance, tally.spent), spent),
    counter: event.counter,
    rung: event.outcome === 'decrypted' || event.outcome === 'replayed' ? event.rung : tally.rung,
    recent: isDelivered ? withDelivered(tally.recent, event) : tally.recent,
  };
}

function withDelivered(
  recent: readonly DeliveredFrame[],
  event: Extract<ModuleEvent, { type: 'frame' }>,
): readonly DeliveredFrame[] {
  const { frame, rung } = event;
  const order = (recent.at(-1)?.order ?? 0) + 1;
  return [...recent, { order, frame, rung, mark: markOf(event, FRAME_MARKS.toCome) }].slice(-RECENT_FRAMES);
}

function markOf(event: Extract<ModuleEvent, { type: 'frame' }>, before: number): number {
  if (event.outcome === 'decrypted') return event.late ? FRAME_MARKS.late : FRAME_MARKS.decrypted;
  if (event.outcome === 'failed') return FRAME_MARKS.failed;
  return before;
}
