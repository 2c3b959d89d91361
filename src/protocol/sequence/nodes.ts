// Sets of nodes, whatever the function: their frames, and whether they are a proper set (ascending, apart, as few as can
// be). Frame numbers go up to 2^32−1, so there is no shift to the left here: `<<` would make them negative.

import { FareboxError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { coversFrame, type FrameRange } from '../ranges.ts';
import type { SequenceNode } from './sequence.ts';

/** Bytes of every secret: seed, node, frame key. */
export const SECRET_LENGTH_BYTES = 32;

/** Number of frames under a node of this level: 2^(32−level). */
export function framesUnder(level: number): number {
  return 2 ** (LIMITS.sequenceLevels - level);
}

/** First frame under a node. */
function firstFrameOf(node: { readonly level: number; readonly index: number }): number {
  return node.index * framesUnder(node.level);
}

/** Errors: `sequence/malformed` unless it is a place in the tree with 32 bytes. */
function requireNode(node: SequenceNode): void {
  const { level, index, secret } = node;
  const placed = Number.isInteger(level) && level >= 0 && level <= LIMITS.sequenceLevels && Number.isInteger(index);
  if (!placed || index < 0 || index >= 2 ** level || secret.length !== SECRET_LENGTH_BYTES) {
    throw new FareboxError('sequence/malformed', { level, index });
  }
}

/** Errors: `sequence/malformed` for what is no frame number or a seed that has not 32 bytes. */
export function requireSeedAndFrame(seed: Uint8Array, frame: number): void {
  if (seed.length !== SECRET_LENGTH_BYTES)
    throw new FareboxError('sequence/malformed', { seedLengthBytes: seed.length });
  if (!isFrame(frame)) throw new FareboxError('sequence/malformed', { frame });
}

/** True for an integer from 0 to 2^32−1. */
export function isFrame(frame: number): boolean {
  return Number.isInteger(frame) && frame >= 0 && frame < LIMITS.frameNumbers;
}

/** Frames under the nodes. Errors: `sequence/malformed` where they do not ascend, overlap, or hold both children of a node. */
export function coveredBy(nodes: readonly SequenceNode[]): readonly FrameRange[] {
  const ranges: [number, number][] = [];
  let previous: SequenceNode | undefined;
  for (const node of nodes) {
    requireNode(node);
    const from = firstFrameOf(node);
    const to = from + framesUnder(node.level);
    const last = ranges.at(-1);
    const siblings = previous?.level === node.level && previous.index % 2 === 0 && previous.index + 1 === node.index;
    if ((last !== undefined && from < last[1]) || siblings) {
      throw new FareboxError('sequence/malformed', { level: node.level, index: node.index });
    }
    if (last !== undefined && from === last[1]) last[1] = to;
    else ranges.push([from, to]);
    previous = node;
  }
  return ranges;
}

/** The error for a frame whose key is not there: `sequence/spent` where it was granted once, else `sequence/not-covered`. */
export function absent(frame: number, granted: readonly FrameRange[]): FareboxError {
  const wasGranted = isFrame(frame) && coversFrame(granted, frame);
  return new FareboxError(wasGranted ? 'sequence/spent' : 'sequence/not-covered', { frame });
}
