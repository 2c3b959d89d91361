// The plain sequence function: K(n) = HKDF-Expand(seed, label ‖ n) (docs/protocol.md §7). Every frame's key stands alone,
// so a grant is a list of leaves and bounded; for short programmes and for those who want the simplest thing.

import { expand } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, u64be, utf8 } from '../bytes.ts';
import { FareboxError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { countFrames, type FrameRange } from '../ranges.ts';
import { absent, coveredBy, requireSeedAndFrame, SECRET_LENGTH_BYTES } from './nodes.ts';
import type { SequenceFunction, SequenceNode, SequenceState } from './sequence.ts';

const LABEL = utf8('farebox/1 sequence hkdf');

function keyAt(seed: Uint8Array, frame: number): Uint8Array {
  requireSeedAndFrame(seed, frame);
  return expand(sha256, seed, concatBytes(LABEL, u64be(frame)), SECRET_LENGTH_BYTES);
}

function grant(seed: Uint8Array, ranges: readonly FrameRange[]): readonly SequenceNode[] {
  const count = countFrames(ranges);
  if (count > LIMITS.hkdfFrames) throw new FareboxError('sequence/malformed', { count });
  const nodes: SequenceNode[] = [];
  for (const [from, to] of ranges) {
    for (let frame = from; frame < to; frame += 1) {
      nodes.push({ level: LIMITS.sequenceLevels, index: frame, secret: keyAt(seed, frame) });
    }
  }
  return nodes;
}

/** As the tree's, save that nodes are leaves, of which both of a pair may be there. */
function covered(nodes: readonly SequenceNode[]): readonly FrameRange[] {
  const ranges: [number, number][] = [];
  if (nodes.length > LIMITS.hkdfFrames) throw new FareboxError('sequence/malformed', { count: nodes.length });
  for (const node of nodes) {
    coveredBy([node]);
    const last = ranges.at(-1);
    if (node.level !== LIMITS.sequenceLevels || (last !== undefined && node.index < last[1])) {
      throw new FareboxError('sequence/malformed', { level: node.level, index: node.index });
    }
    if (last !== undefined && node.index === last[1]) last[1] = node.index + 1;
    else ranges.push([node.index, node.index + 1]);
  }
  return ranges;
}

function restore(nodes: readonly SequenceNode[], granted?: readonly FrameRange[]): SequenceState {
  const present = covered(nodes);
  const known = granted ?? present;
  const secrets = new Map(nodes.map((node) => [node.index, Uint8Array.from(node.secret)]));
  let position = present[0]?.[0] ?? 0;
  const at = (frame: number): Uint8Array => {
    const secret = secrets.get(frame);
    if (secret === undefined) throw absent(frame, known);
    secrets.delete(frame);
    position = frame + 1;
    return secret;
  };
  return Object.freeze({
    at,
    next: () => at(position),
    covers: (frame: number) => secrets.has(frame),
    // Insertion order is ascending, and taking one out keeps it so.
    snapshot: () =>
      [...secrets].map(([index, secret]) => ({ level: LIMITS.sequenceLevels, index, secret: Uint8Array.from(secret) })),
  });
}

/** HKDF-Expand-SHA256 of the seed for each frame number. */
export const hkdfSequence: SequenceFunction = Object.freeze({ name: 'hkdf', keyAt, grant, covered, restore });
