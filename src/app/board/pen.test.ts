// From a hand to strokes, BT-12: every stroke that comes out is one that the module reads, long ones come in pieces that join, and what
// nobody could see is left out.

import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import { decodeStroke, encodeStroke } from '../../protocol/strokes.ts';
import { type PenPlace, type PenStroke, putDown } from './pen.ts';

const LONGEST_MS = 2_000;
const INK = { kind: 'draw', colour: 2, width: 4 } as const;

function drawn(places: readonly PenPlace[]): readonly PenStroke[] {
  const made: PenStroke[] = [];
  const [first, ...rest] = places;
  const last = rest.pop();
  if (first === undefined || last === undefined) throw new Error('a hand goes somewhere');
  const pen = putDown(INK, first, LONGEST_MS, (stroke) => made.push(stroke));
  for (const place of rest) pen.move(place);
  pen.lift(last);
  for (const { stroke } of made) expect(decodeStroke(encodeStroke(stroke), LONGEST_MS)).toEqual(stroke);
  return made;
}

const at = (x: number, y: number, atMs: number): PenPlace => ({ x, y, atMs });

describe('BT-12: a hand', () => {
  test('that draws a line makes one stroke, with its times from where it began', () => {
    const made = drawn([at(0, 0.5, 7_000), at(0.5, 0.5, 7_100.4), at(1, 1, 7_300)]);
    expect(made).toEqual([
      {
        ...{ beganMs: 7_000, goesOn: false },
        stroke: {
          ...INK,
          points: [
            { x: 0, y: 32_768, atMs: 0 },
            { x: 32_768, y: 32_768, atMs: 100 },
            { x: 65_535, y: 65_535, atMs: 300 },
          ],
        },
      },
    ]);
  });

  test('that only touches makes a dot', () => {
    expect(drawn([at(0.5, 0.5, 0), at(0.5, 0.5, 90)]).map(({ stroke }) => stroke.points.length)).toEqual([1]);
  });

  test('that trembles makes no more points than can be seen, and goes beyond the board only to its edge', () => {
    const [made] = drawn([at(0.5, 0.5, 0), at(0.5001, 0.5, 5), at(0.5002, 0.5002, 9), at(1.7, -3, 20)]);
    expect(made?.stroke.points.map(({ x, y }) => [x, y])).toEqual([
      [32_768, 32_768],
      [65_535, 0],
    ]);
  });

  test('that draws for long makes pieces that join in place and time', () => {
    const made = drawn(Array.from({ length: 51 }, (_none, step) => at(step / 50, 0.5, step * 100)));
    expect(made.map(({ beganMs, goesOn }) => [beganMs, goesOn])).toEqual([
      [0, false],
      [2_000, true],
      [4_000, true],
    ]);
    for (const [piece, { stroke }] of made.entries()) {
      const end = stroke.points.at(-1);
      const next = made[piece + 1]?.stroke.points[0];
      if (next !== undefined) expect([next.x, next.y]).toEqual([end?.x, end?.y]);
    }
  });

  test('that rests in the middle begins the next piece when it moves again', () => {
    const made = drawn([at(0, 0, 0), at(0.5, 0.5, 100), at(0.9, 0.9, 60_000), at(1, 1, 60_100)]);
    expect(made.map(({ beganMs }) => beganMs)).toEqual([0, 60_000]);
  });

  test('with a pen that tells very much makes pieces of as many points as there may be', () => {
    const places = Array.from({ length: 1_200 }, (_none, step) => at((step % 2) * 0.5, step / 1_200, step));
    const made = drawn(places);
    expect(made.length).toBe(3);
    expect(Math.max(...made.map(({ stroke }) => stroke.points.length))).toBe(LIMITS.strokePoints);
  });
});
