// The default sequence function: a GGM tree of height 32 over SHA-256 (docs/protocol.md §7). A grant is the smallest set
// of subtrees over its frames; using a leaf erases the nodes above it and keeps the siblings beside its path, so what is
// left cannot give that leaf again. Synchronous: a hash here costs less than waiting for one.

import { sha256 } from '@noble/hashes/sha2.js';
import { FareboxError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { FrameRange } from '../ranges.ts';
import { absent, coveredBy, framesUnder, isFrame, requireSeedAndFrame, SECRET_LENGTH_BYTES } from './nodes.ts';
import type { SequenceFunction, SequenceNode, SequenceState } from './sequence.ts';

const LEAF_LEVEL = LIMITS.sequenceLevels;

/** A place in the tree: a secret that is there, a fork whose own secret is erased, or null where nothing is left. */
type Subtree = { secret: Uint8Array } | { left: Subtree | null; right: Subtree | null } | null;

// One buffer for every hash: side byte, then the parent's secret. It is overwritten by the next hash and cleared at the
// end of each operation.
const hashed = new Uint8Array(1 + SECRET_LENGTH_BYTES);

function deriveChild(secret: Uint8Array, side: 0 | 1): Uint8Array {
  hashed[0] = side;
  hashed.set(secret, 1);
  return sha256(hashed);
}

/** 0 or 1: which child of a node at `level` lies on the way to `frame`. */
function sideAt(frame: number, level: number): 0 | 1 {
  return ((frame >>> (LEAF_LEVEL - 1 - level)) & 1) === 0 ? 0 : 1;
}

function keyAt(seed: Uint8Array, frame: number): Uint8Array {
  requireSeedAndFrame(seed, frame);
  let secret: Uint8Array = Uint8Array.from(seed);
  for (let level = 0; level < LEAF_LEVEL; level += 1) {
    const child = deriveChild(secret, sideAt(frame, level));
    secret.fill(0);
    secret = child;
  }
  hashed.fill(0);
  return secret;
}

/** The first range that ends after `from`; the only one that a node starting there has to be compared with. */
function rangeFrom(ranges: readonly FrameRange[], from: number): FrameRange | undefined {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.[1] ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  return ranges[low];
}

function grant(seed: Uint8Array, ranges: readonly FrameRange[]): readonly SequenceNode[] {
  requireSeedAndFrame(seed, 0);
  const nodes: SequenceNode[] = [];
  const descend = (level: number, index: number, secret: Uint8Array): void => {
    const first = index * framesUnder(level);
    const end = first + framesUnder(level);
    const range = rangeFrom(ranges, first);
    if (range === undefined || range[0] >= end) {
      secret.fill(0);
    } else if (range[0] <= first && range[1] >= end) {
      nodes.push({ level, index, secret });
    } else {
      const left = deriveChild(secret, 0);
      const right = deriveChild(secret, 1);
      secret.fill(0);
      descend(level + 1, 2 * index, left);
      descend(level + 1, 2 * index + 1, right);
    }
  };
  descend(0, 0, Uint8Array.from(seed));
  hashed.fill(0);
  return nodes;
}

/** Puts a node into the tree at its place; places on the way become forks. */
function plant(root: Subtree, node: SequenceNode): Subtree {
  const kept = { secret: Uint8Array.from(node.secret) };
  if (node.level === 0) return kept;
  const top = root ?? { left: null, right: null };
  let fork = top;
  for (let level = 0; level < node.level; level += 1) {
    if ('secret' in fork) throw new FareboxError('sequence/malformed', { level: node.level, index: node.index });
    const side = Math.floor(node.index / 2 ** (node.level - 1 - level)) % 2 === 0 ? 'left' : 'right';
    if (level === node.level - 1) {
      fork[side] = kept;
    } else {
      const below = fork[side] ?? { left: null, right: null };
      fork[side] = below;
      fork = below;
    }
  }
  return top;
}

function find(root: Subtree, frame: number): boolean {
  let place = root;
  for (let level = 0; place !== null && !('secret' in place); level += 1) {
    place = sideAt(frame, level) === 0 ? place.left : place.right;
  }
  return place !== null;
}

/** Takes the leaf of `frame` out of the tree; undefined where it is not there. Nodes on the path are erased, siblings stay. */
function take(root: Subtree, frame: number): { readonly leaf: Uint8Array; readonly rest: Subtree } | undefined {
  if (!find(root, frame)) return undefined;
  const trunk: { left: Subtree; right: Subtree } = { left: root, right: null };
  let fork = trunk;
  let side: 'left' | 'right' = 'left';
  for (let level = 0; ; level += 1) {
    let place = fork[side];
    if (place === null) throw new FareboxError('module/internal', { expected: 'a node on the path' });
    if ('secret' in place) {
      if (level === LEAF_LEVEL) {
        fork[side] = null;
        hashed.fill(0);
        return { leaf: place.secret, rest: trunk.left };
      }
      const { secret } = place;
      place = { left: { secret: deriveChild(secret, 0) }, right: { secret: deriveChild(secret, 1) } };
      secret.fill(0);
      fork[side] = place;
    }
    fork = place;
    side = sideAt(frame, level) === 0 ? 'left' : 'right';
  }
}

function listNodes(place: Subtree, level: number, index: number, into: SequenceNode[]): SequenceNode[] {
  if (place === null) return into;
  if ('secret' in place) {
    into.push({ level, index, secret: Uint8Array.from(place.secret) });
    return into;
  }
  listNodes(place.left, level + 1, 2 * index, into);
  return listNodes(place.right, level + 1, 2 * index + 1, into);
}

function restore(nodes: readonly SequenceNode[], granted?: readonly FrameRange[]): SequenceState {
  const present = coveredBy(nodes);
  const known = granted ?? present;
  let root: Subtree = null;
  for (const node of nodes) root = plant(root, node);
  let position = present[0]?.[0] ?? 0;
  const at = (frame: number): Uint8Array => {
    const taken = isFrame(frame) ? take(root, frame) : undefined;
    if (taken === undefined) throw absent(frame, known);
    root = taken.rest;
    position = frame + 1;
    return taken.leaf;
  };
  return Object.freeze({
    at,
    next: () => at(position),
    covers: (frame: number) => isFrame(frame) && find(root, frame),
    snapshot: () => listNodes(root, 0, 0, []),
  });
}

/** GGM over SHA-256: left(s) = SHA-256(0x00 ‖ s), right(s) = SHA-256(0x01 ‖ s). */
export const treeSequence: SequenceFunction = Object.freeze({
  name: 'tree',
  keyAt,
  grant,
  covered: coveredBy,
  restore,
});
