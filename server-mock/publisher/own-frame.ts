// Pictures from this process's memory as frames of FFmpeg, copied: `Frame.fromVideoBuffer` only points to the memory that it is given, and
// an encoder reads that long after the next picture has been drawn into it. The sample programme and the previews call it.

import { type AVPixelFormat, FFmpegError, Frame } from 'node-av';

/** The form of a planar picture of 8 bits. */
export type PlanarForm = {
  readonly width: number;
  readonly height: number;
  readonly format: AVPixelFormat;
  /** By how much each plane is smaller than the picture, in both directions: 1, 2, 2 for 4:2:0. */
  readonly shrinks: readonly number[];
};

/** A frame with memory of its own, which the caller frees. @param pixels the planes one after another, rows without gaps; not kept. */
export function copyToFrame(pixels: Uint8Array, { width, height, format, shrinks }: PlanarForm): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = format;
  FFmpegError.throwIfError(frame.getBuffer(), 'allocate a picture');
  const planes = frame.data ?? [];
  let at = 0;
  for (const [index, shrink] of shrinks.entries()) {
    const [rowBytes, rows] = [width / shrink, height / shrink];
    const [plane, stride] = [planes[index], frame.linesize[index] ?? 0];
    if (plane === undefined) throw new Error('A picture has fewer planes than its form.');
    for (let row = 0; row < rows; row += 1, at += rowBytes) {
      plane.set(pixels.subarray(at, at + rowBytes), row * stride);
    }
  }
  return frame;
}
