// Sets of frame numbers as ascending ranges: in grants, receipts and on the meter. Pure; a list that is not in its one
// proper form (ascending, apart, none empty) never gets past decodeRanges.

import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';

/** Frames `from` up to and without `to`; 0 ≤ from < to ≤ 2^32. */
export type FrameRange = readonly [from: number, to: number];

function isBound(candidate: unknown): candidate is number {
  return Number.isSafeInteger(candidate) && Number(candidate) >= 0 && Number(candidate) <= LIMITS.frameNumbers;
}

/** Reads a list of ranges; refuses ranges that are empty, touch, overlap or descend, and too many of them. Throws `code`. */
export function decodeRanges(candidate: unknown, code: FareboxErrorCode = 'request/malformed'): readonly FrameRange[] {
  if (!Array.isArray(candidate)) throw new FareboxError(code, { expected: 'ranges' });
  if (candidate.length > LIMITS.ranges) throw new FareboxError(code, { expected: 'fewer ranges' });
  const ranges: FrameRange[] = [];
  let after = -1;
  for (const entry of candidate) {
    const pair: readonly unknown[] = Array.isArray(entry) ? entry : [];
    const [from, to] = pair;
    if (pair.length !== 2 || !isBound(from) || !isBound(to) || from >= to || from <= after) {
      throw new FareboxError(code, { expected: 'ascending ranges that do not touch' });
    }
    ranges.push([from, to]);
    after = to;
  }
  return ranges;
}

/** Place of the first range that ends after `frame`; the number of ranges where there is none. */
function firstEndingAfter(ranges: readonly FrameRange[], frame: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = ranges[middle];
    if (range !== undefined && range[1] <= frame) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** True where `frame` lies in one of the ranges. Logarithmic in their number. */
export function coversFrame(ranges: readonly FrameRange[], frame: number): boolean {
  const range = ranges[firstEndingAfter(ranges, frame)];
  return range !== undefined && range[0] <= frame;
}

/** The same set with `frame` in it, joined to its neighbours; the given list is unchanged. Errors: `module/internal` for no frame number. */
export function addFrame(ranges: readonly FrameRange[], frame: number): readonly FrameRange[] {
  if (!isBound(frame) || frame === LIMITS.frameNumbers)
    throw new FareboxError('module/internal', { expected: 'frame' });
  const at = firstEndingAfter(ranges, frame);
  const next = ranges[at];
  if (next !== undefined && next[0] <= frame) return ranges;
  const before = ranges[at - 1];
  const joinsBefore = before !== undefined && before[1] === frame;
  const joinsNext = next !== undefined && next[0] === frame + 1;
  const grown: FrameRange = [joinsBefore ? before[0] : frame, joinsNext ? next[1] : frame + 1];
  return [...ranges.slice(0, joinsBefore ? at - 1 : at), grown, ...ranges.slice(joinsNext ? at + 1 : at)];
}

/** Number of frames in the set. */
export function countFrames(ranges: readonly FrameRange[]): number {
  return ranges.reduce((count, [from, to]) => count + (to - from), 0);
}

/** Frames that are in both sets. Linear in the number of ranges. */
export function intersectRanges(left: readonly FrameRange[], right: readonly FrameRange[]): readonly FrameRange[] {
  const shared: FrameRange[] = [];
  let at = 0;
  for (const [from, to] of left) {
    while ((right[at]?.[1] ?? Number.POSITIVE_INFINITY) <= from) at += 1;
    for (let other = at; ; other += 1) {
      const range = right[other];
      if (range === undefined || range[0] >= to) break;
      shared.push([Math.max(from, range[0]), Math.min(to, range[1])]);
    }
  }
  return shared;
}

/** The set of these frames, given in any order, repeated or not. Errors: `module/internal` for what is no frame number. */
export function rangesFromFrames(frames: Iterable<number>): readonly FrameRange[] {
  const ranges: [number, number][] = [];
  for (const frame of [...frames].sort((left, right) => left - right)) {
    if (!isBound(frame) || frame === LIMITS.frameNumbers)
      throw new FareboxError('module/internal', { expected: 'frame' });
    const last = ranges.at(-1);
    if (last !== undefined && frame <= last[1]) last[1] = Math.max(last[1], frame + 1);
    else ranges.push([frame, frame + 1]);
  }
  return ranges;
}

/** True where both are the same set. */
export function equalRanges(left: readonly FrameRange[], right: readonly FrameRange[]): boolean {
  return (
    left.length === right.length && left.every(([from, to], at) => right[at]?.[0] === from && right[at]?.[1] === to)
  );
}
