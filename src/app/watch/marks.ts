// Reads a session's marks for the screens: which frames were shown, and the strip in words. Pure.

import { FRAME_MARKS } from '../../player/tally.ts';
import { type FrameRange, rangesFromFrames } from '../../protocol/ranges.ts';

/** Frames that were decrypted, late ones included. */
export function rangesOfMarks(marks: Uint8Array): readonly FrameRange[] {
  const frames: number[] = [];
  marks.forEach((mark, frame) => {
    if (mark === FRAME_MARKS.decrypted || mark === FRAME_MARKS.late) frames.push(frame);
  });
  return rangesFromFrames(frames);
}

/** Marks from the ranges of a receipt, which names decrypted frames only. */
export function marksOfRanges(ranges: readonly FrameRange[], frameCount: number): Uint8Array {
  const marks = new Uint8Array(frameCount);
  for (const [from, to] of ranges) marks.fill(FRAME_MARKS.decrypted, from, to);
  return marks;
}

/** Marks as a strip shows them: all of a programme that is whole; of a live one from the first frame that has a mark to the last. */
export function marksShown(marks: Uint8Array, isLive: boolean): Uint8Array {
  if (!isLive) return marks;
  const first = marks.findIndex((mark) => mark !== FRAME_MARKS.toCome);
  const last = marks.findLastIndex((mark) => mark !== FRAME_MARKS.toCome);
  return first < 0 ? new Uint8Array(1) : marks.subarray(first, last + 1);
}

/** The strip in one sentence, for those who do not see it. `frameCount` null for a live programme. */
export function describeMarks(
  count: number,
  late: number,
  failed: number,
  frameCount: number | null,
  isBoard = false,
): string {
  if (isBoard) return `${count} strokes drawn, ${failed} lost`;
  return `${count}${frameCount === null ? '' : ` of ${frameCount}`} frames decrypted, ${late} of them late, ${failed} lost`;
}
