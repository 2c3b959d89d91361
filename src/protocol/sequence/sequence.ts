// Sequence functions (docs/protocol.md §7): where frame keys come from. One interface, a name for each, chosen by the
// programme and named in every grant. The provider grants nodes of a seed; the module restores them and takes keys out.

import { FareboxError } from '../errors.ts';
import type { FrameRange } from '../ranges.ts';
import { hkdfSequence } from './hkdf.ts';
import { logisticSequence } from './logistic.ts';
import type { SequenceName, SessionSequenceName } from './names.ts';
import { treeSequence } from './tree.ts';

export { decodeSessionSequenceName, isWeakSequence, type SequenceName, type SessionSequenceName } from './names.ts';

/** A secret that yields the keys of frames [index·2^(32−level), (index+1)·2^(32−level)); 32 bytes; level 32 is one frame. */
export type SequenceNode = Readonly<{ level: number; index: number; secret: Uint8Array }>;

/**
 * Keys that are still there. Taking one spends it: what remains cannot give it again. Not durable by itself: whoever
 * keeps `snapshot()` decides from when on a key is gone for good (docs/protocol.md §8, reserve first).
 */
export type SequenceState = Readonly<{
  /** Key of frame `frame`, 32 bytes that the caller owns. Errors: `sequence/spent`, `sequence/not-covered`. */
  at(frame: number): Uint8Array;
  /** Key of the frame after the last one taken, at first of the first one there is. Errors: as `at`. */
  next(): Uint8Array;
  /** True where `at(frame)` would give a key. */
  covers(frame: number): boolean;
  /** What is left, as copies, ascending by frame; `restore` of them is this state. */
  snapshot(): readonly SequenceNode[];
}>;

/** What a module needs of a function: to read the nodes of a grant, and to take keys out of them. */
export type SessionSequence = Readonly<{
  name: SessionSequenceName;
  /** Frames that nodes give, or `sequence/malformed` where they overlap, leave the tree, or could be fewer. */
  covered(nodes: readonly SequenceNode[]): readonly FrameRange[];
  /** A state of these nodes, whose secrets are copied. `granted`: frames there were once, so that a spent one is told from one never given; else those of the nodes. Errors: `sequence/malformed`. */
  restore(nodes: readonly SequenceNode[], granted?: readonly FrameRange[]): SequenceState;
}>;

/** A named way to make frame keys of a seed. */
export type SequenceFunction = SessionSequence &
  Readonly<{
    name: SequenceName;
    /** K(frame), 32 bytes, of a 32-byte seed. */
    keyAt(seed: Uint8Array, frame: number): Uint8Array;
    /** The fewest nodes that give the keys of these frames and of no other, ascending. Errors: `sequence/malformed` for more than the function can grant. */
    grant(seed: Uint8Array, ranges: readonly FrameRange[]): readonly SequenceNode[];
  }>;

const FUNCTIONS: ReadonlyMap<string, SequenceFunction> = new Map([
  [treeSequence.name, treeSequence],
  [hkdfSequence.name, hkdfSequence],
]);

/** The function of this name. Errors: `sequence/unknown`. */
export function sequenceFunction(name: string): SequenceFunction {
  const found = FUNCTIONS.get(name);
  if (found === undefined) throw new FareboxError('sequence/unknown', { name });
  return found;
}

/** The function of this name that a grant may name. Errors: `sequence/unknown`. */
export function sessionSequence(name: string): SessionSequence {
  return name === logisticSequence.name ? logisticSequence : sequenceFunction(name);
}
