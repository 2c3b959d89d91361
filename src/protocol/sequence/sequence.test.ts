// Sequence functions: BT-6. Properties hold for both; the tree's minimal cover and puncturing are its own.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalBytes, toHex } from '../bytes.ts';
import { LIMITS } from '../limits.ts';
import { countFrames, coversFrame, equalRanges, type FrameRange, rangesFromFrames } from '../ranges.ts';
import { runs } from '../testing/runs.ts';
import { framesUnder } from './nodes.ts';
import { type SequenceNode, sequenceFunction } from './sequence.ts';

const LAST = 2 ** 32 - 1;
const NAMES = ['tree', 'hkdf'] as const;
const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Few ranges of few frames, near each other and at both ends of the tree. */
const someRanges = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: LAST - 40, max: LAST }),
        fc.integer({ min: 2 ** 31 - 10, max: 2 ** 31 + 10 }),
      ),
      fc.integer({ min: 1, max: 4 }),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((list) =>
    rangesFromFrames(
      list.flatMap(([from, count]) => [...Array(Math.min(count, LAST + 1 - from)).keys()].map((at) => from + at)),
    ),
  );

function framesOf(ranges: readonly FrameRange[]): number[] {
  return ranges.flatMap(([from, to]) => [...Array(to - from).keys()].map((at) => from + at));
}

/** The range of frames that a node yields, worked out from the definition in docs/protocol.md §7. */
function rangeOf({ level, index }: SequenceNode): FrameRange {
  return [index * 2 ** (32 - level), (index + 1) * 2 ** (32 - level)];
}

describe.each(NAMES)('BT-6: the sequence function %s', (name) => {
  const sequence = sequenceFunction(name);

  test('gives the same key from a grant as from the seed, for every granted frame and for no other', () => {
    fc.assert(
      fc.property(seeds, someRanges, (seed, ranges) => {
        const state = sequence.restore(sequence.grant(seed, ranges));
        for (const frame of framesOf(ranges))
          expect(equalBytes(state.at(frame), sequence.keyAt(seed, frame))).toBe(true);
        for (const [from, to] of ranges) {
          expect(() => state.at(from - 1)).toThrow(/sequence\/(not-covered|spent)/);
          expect(() => state.at(to)).toThrow(/sequence\/(not-covered|spent)/);
        }
        expect(state.snapshot()).toEqual([]);
      }),
      { numRuns: runs(1000) },
    );
  });

  test('covers exactly the granted frames', () => {
    fc.assert(
      fc.property(seeds, someRanges, (seed, ranges) => {
        expect(equalRanges(sequence.covered(sequence.grant(seed, ranges)), ranges)).toBe(true);
      }),
      { numRuns: runs(1000) },
    );
  });

  test('does not give a key twice: neither from the state, nor from a snapshot of it, nor from any secret in that snapshot', () => {
    fc.assert(
      fc.property(seeds, someRanges, fc.nat(), (seed, ranges, pick) => {
        const frames = framesOf(ranges);
        const frame = frames[pick % frames.length] ?? 0;
        const state = sequence.restore(sequence.grant(seed, ranges));
        const frameKey = toHex(state.at(frame));
        expect(state.covers(frame)).toBe(false);
        expect(() => state.at(frame)).toThrow('sequence/spent');
        const left = state.snapshot();
        expect(left.some((node) => toHex(node.secret) === frameKey)).toBe(false);
        expect(coversFrame(left.map(rangeOf), frame)).toBe(false);
        expect(countFrames(left.map(rangeOf))).toBe(frames.length - 1);
        const restored = sequence.restore(left, ranges);
        expect(() => restored.at(frame)).toThrow('sequence/spent');
        expect(restored.snapshot()).toEqual(left);
      }),
      { numRuns: runs(1000) },
    );
  });

  test('gives keys in order with next, from the first one, and after a random place from the one behind it', () => {
    const seed = new Uint8Array(32).fill(3);
    const state = sequence.restore(sequence.grant(seed, [[5, 12]]));
    expect(state.next()).toEqual(sequence.keyAt(seed, 5));
    expect(state.next()).toEqual(sequence.keyAt(seed, 6));
    expect(state.at(9)).toEqual(sequence.keyAt(seed, 9));
    expect(state.next()).toEqual(sequence.keyAt(seed, 10));
    expect(state.next()).toEqual(sequence.keyAt(seed, 11));
    expect(() => state.next()).toThrow('sequence/not-covered');
  });

  test('reaches the last frame number, 2^32−1', () => {
    const seed = new Uint8Array(32).fill(4);
    const state = sequence.restore(sequence.grant(seed, [[LAST, LAST + 1]]));
    expect(state.at(LAST)).toEqual(sequence.keyAt(seed, LAST));
    expect(() => state.next()).toThrow('sequence/not-covered');
  });

  test.each([-1, 0.5, 2 ** 32, Number.NaN])('has no key for %s', (frame) => {
    const seed = new Uint8Array(32);
    const state = sequence.restore(sequence.grant(seed, [[0, 4]]));
    expect(() => state.at(frame)).toThrow('sequence/not-covered');
    expect(state.covers(frame)).toBe(false);
    expect(() => sequence.keyAt(seed, frame)).toThrow('sequence/malformed');
  });

  test.each<[string, SequenceNode[]]>([
    ['a secret of 31 bytes', [{ level: 32, index: 0, secret: new Uint8Array(31) }]],
    ['a level below the leaves', [{ level: 33, index: 0, secret: new Uint8Array(32) }]],
    ['an index beyond its level', [{ level: 32, index: 2 ** 32, secret: new Uint8Array(32) }]],
    ['a negative index', [{ level: 32, index: -1, secret: new Uint8Array(32) }]],
    ['a fraction', [{ level: 32, index: 0.5, secret: new Uint8Array(32) }]],
    ['a node twice', [3, 3].map((index) => ({ level: 32, index, secret: new Uint8Array(32) }))],
    ['nodes out of order', [5, 3].map((index) => ({ level: 32, index, secret: new Uint8Array(32) }))],
  ])('refuses %s', (_, nodes) => {
    expect(() => sequence.restore(nodes)).toThrow('sequence/malformed');
  });

  test('does not change the nodes it was restored from', () => {
    const nodes = sequence.grant(new Uint8Array(32).fill(8), [[0, 8]]);
    const before = nodes.map((node) => toHex(node.secret));
    const state = sequence.restore(nodes);
    state.at(3);
    expect(nodes.map((node) => toHex(node.secret))).toEqual(before);
  });
});

describe('BT-6: the tree', () => {
  const tree = sequenceFunction('tree');

  test('grants the fewest nodes: no two siblings, none outside the ranges', () => {
    fc.assert(
      fc.property(seeds, someRanges, (seed, ranges) => {
        const nodes = tree.grant(seed, ranges);
        const places = new Set(nodes.map(({ level, index }) => `${level}/${index}`));
        for (const node of nodes) {
          const sibling = node.index % 2 === 0 ? node.index + 1 : node.index - 1;
          expect(places.has(`${node.level}/${sibling}`)).toBe(false);
          const [from, to] = rangeOf(node);
          expect(ranges.some((range) => range[0] <= from && to <= range[1])).toBe(true);
        }
      }),
      { numRuns: runs(1000) },
    );
  });

  test('grants all frames as the seed itself', () => {
    const seed = new Uint8Array(32).fill(1);
    expect(tree.grant(seed, [[0, 2 ** 32]])).toEqual([{ level: 0, index: 0, secret: seed }]);
  });

  test('keeps at most the siblings of one path after one use', () => {
    const state = tree.restore(tree.grant(new Uint8Array(32).fill(1), [[0, 2 ** 32]]));
    state.at(LAST);
    const left = state.snapshot();
    expect(left).toHaveLength(32);
    expect(countFrames(left.map(rangeOf))).toBe(LAST);
  });

  test('refuses nodes that overlap or that could be fewer', () => {
    const secret = new Uint8Array(32);
    const overlapping = [
      { level: 30, index: 0, secret },
      { level: 32, index: 3, secret },
    ];
    const siblings = [
      { level: 31, index: 4, secret },
      { level: 31, index: 5, secret },
    ];
    expect(() => tree.restore(overlapping)).toThrow('sequence/malformed');
    expect(() => tree.restore(siblings)).toThrow('sequence/malformed');
    expect(framesUnder(31)).toBe(2);
  });
});

describe('sequence functions', () => {
  test('of a name that is not known are refused', () => {
    for (const name of ['logistic', '', 'toString']) expect(() => sequenceFunction(name)).toThrow('sequence/unknown');
  });

  test('hkdf grants at most its bound, and no node above a leaf', () => {
    const hkdf = sequenceFunction('hkdf');
    expect(() => hkdf.grant(new Uint8Array(32), [[0, LIMITS.hkdfFrames + 1]])).toThrow('sequence/malformed');
    expect(() => hkdf.restore([{ level: 31, index: 0, secret: new Uint8Array(32) }])).toThrow('sequence/malformed');
  });
});
