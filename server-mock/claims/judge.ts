// Judges a claim (docs/protocol.md §17): the receipt, the contract and the provider's own record of delivery, frame by frame,
// put together into lines with one reason each. Pure, so that every way of cheating is a row of a table in its test.

import type { AnsweredLine, ClaimReason, DeliveredFrame } from '../../src/protocol/claim-answer.ts';
import { isPaidReason } from '../../src/protocol/claim-answer.ts';
import { type ClaimLine, framesOfKind } from '../../src/protocol/claim-lines.ts';
import { type ClaimKind, type ContractTerms, refundFor } from '../../src/protocol/contract-terms.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { countFrames, coversFrame, type FrameRange } from '../../src/protocol/ranges.ts';
import type { ReceiptDelivery } from '../../src/protocol/receipt-delivery.ts';
import type { Delivered, WeighedFrame } from './weigh.ts';

/** What is judged. Times in ms since 1970. */
export type ClaimCase = {
  readonly lines: readonly ClaimLine[];
  readonly terms: ContractTerms;
  readonly priceMinor: bigint;
  readonly frameCount: number;
  readonly frameDurationMs: number;
  readonly granted: readonly FrameRange[];
  readonly receipt: {
    readonly frames: readonly FrameRange[];
    readonly firstTime: number;
    readonly lastTime: number;
    readonly delivery: ReceiptDelivery;
  };
  /** By the provider's clock: when it made the session, and when it took the receipt. */
  readonly createdTime: number;
  readonly settledTime: number;
  /** What the record says of a frame. */
  weigh(frame: number): WeighedFrame;
  /** The same of the parts at or above the promised rung alone. */
  weighHigh(frame: number): WeighedFrame;
  /** Of a live programme: the provider had not published it when it was due, or had nothing to. */
  wasUnpublished(frame: number): boolean;
};

/** What came of it. */
export type JudgedClaim = { readonly lines: readonly AnsweredLine[]; readonly delivery: readonly DeliveredFrame[] };

/** What a player does now follows from what it met, or asked for, in the frames before: this many are looked at. */
const FRAMES_BEFORE = 10;
/** Play goes at most at twice its speed. */
const FASTEST = 2;

const REASONS: Readonly<Record<Delivered, ClaimReason>> = {
  late: 'delivered-late',
  missing: 'not-delivered',
  'in-time': 'delivered-in-time',
  'slow-line': 'slow-line',
  'given-up': 'given-up',
};

/** Judges every line. Linear in the frames of the programme. */
export function judgeClaim(given: ClaimCase): JudgedClaim {
  const { terms, priceMinor, frameCount } = given;
  const isPossible = timesArePossible(given);
  const looked = new Map<number, WeighedFrame>();
  const look = (frame: number): WeighedFrame => {
    const known = looked.get(frame) ?? given.weigh(frame);
    looked.set(frame, known);
    return known;
  };
  const lines = given.lines.flatMap(({ kind, from, to }) => {
    const runs: { from: number; to: number; reason: ClaimReason }[] = [];
    for (let frame = from; frame < to; frame += 1) {
      // What lies beyond the programme is one run, however long it is said to be.
      const beyond = frame >= frameCount;
      const reason = beyond ? 'not-granted' : reasonFor(given, kind, frame, isPossible, look);
      const end = beyond ? to : frame + 1;
      const last = runs.at(-1);
      if (last?.reason === reason) last.to = end;
      else runs.push({ from: frame, to: end, reason });
      if (beyond) break;
    }
    return runs.map(
      (run): AnsweredLine => ({
        kind,
        ...run,
        amountMinor: isPaidReason(run.reason) ? refundFor(terms, kind, run.to - run.from, priceMinor) : 0n,
      }),
    );
  });
  const delivery = [...looked]
    .sort(([left], [right]) => left - right)
    .slice(0, LIMITS.ranges)
    .map(([frame, { asked, failed, servedMs }]) => ({ frame, asked, failed, servedMs: Math.round(servedMs) }));
  return { lines, delivery };
}

function reasonFor(
  given: ClaimCase,
  kind: ClaimKind,
  frame: number,
  isPossible: boolean,
  look: (frame: number) => WeighedFrame,
): ClaimReason {
  const { granted, receipt } = given;
  if (!coversFrame(granted, frame)) return 'not-granted';
  if (!coversFrame(framesOfKind(receipt.delivery, kind), frame))
    return coversFrame(receipt.frames, frame) ? 'shown-on-time' : 'not-in-receipt';
  if (!isPossible && (kind === 'late' || kind === 'stall')) return 'outside-session';
  if (kind === 'rung') return reasonForRung(given, frame);
  if (given.wasUnpublished(frame)) return wasWatching(given, frame) ? 'not-published' : 'never-asked';
  const { outcome } = look(frame);
  return outcome === null ? 'never-asked' : REASONS[outcome];
}

/** Shown too low: the provider's doing only where it failed with what was asked for at the promised rung, just before or now. */
function reasonForRung({ weighHigh }: ClaimCase, frame: number): ClaimReason {
  for (let before = frame; before >= Math.max(0, frame - FRAMES_BEFORE); before -= 1) {
    const { outcome } = weighHigh(before);
    if (outcome === 'late' || outcome === 'missing') return REASONS[outcome];
  }
  return 'rung-chosen';
}

/** What was never out cannot be asked for; whoever waited for it has asked for a frame just before. */
function wasWatching({ granted, weigh }: ClaimCase, frame: number): boolean {
  for (let before = frame - 1; before >= Math.max(0, frame - FRAMES_BEFORE); before -= 1) {
    if (coversFrame(granted, before) && weigh(before).asked > 0) return true;
  }
  // It came all the same, too late, and was asked for then.
  return weigh(frame).asked > 0;
}

/** The module's clock may be off by the usual tolerance; what it says happened must fit into the time that really passed. */
function timesArePossible({ receipt, createdTime, settledTime, frameDurationMs }: ClaimCase): boolean {
  const { firstTime, lastTime, frames, delivery } = receipt;
  const tolerance = LIMITS.clockToleranceMs;
  const stalledMs = delivery.stalls.reduce((sum, [, ms]) => sum + ms, 0);
  const playedMs = (countFrames(frames) * frameDurationMs) / FASTEST;
  const fits = stalledMs + playedMs <= settledTime - createdTime + tolerance;
  if (countFrames(frames) === 0) return fits;
  return fits && firstTime >= createdTime - tolerance && lastTime <= settledTime + tolerance;
}
