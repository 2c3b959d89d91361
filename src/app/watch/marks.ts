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

/** The strip in one sentence, for those who do not see it. */
export function describeMarks(count: number, late: number, failed: number, frameCount: number): string {
  return `${count} of ${frameCount} frames decrypted, ${late} of them late, ${failed} lost`;
}
