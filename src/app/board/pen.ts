// From a hand to strokes: takes the places where a pointer was, leaves out those that nobody could see, and gives out a stroke when the hand
// is lifted, or a piece of one when it has drawn for as long as a stroke may take. Pure: places and times come in. Used by drawing-board.tsx.

import { LIMITS } from '../../protocol/limits.ts';
import { BOARD_GRID, type DrawnStroke, type StrokePoint } from '../../protocol/strokes.ts';

/** What is drawn with. Width in thousandths of the board's height. */
export type PenTool =
  | { readonly kind: 'draw'; readonly colour: number; readonly width: number }
  | { readonly kind: 'erase'; readonly width: number };

/** A place of the pointer: shares of the board's width and height, which may lie beyond it, and ms on any clock. */
export type PenPlace = { readonly x: number; readonly y: number; readonly atMs: number };

/** A stroke as it came from the hand: when it began on that clock, and whether it goes on from the one before. */
export type PenStroke = { readonly stroke: DrawnStroke; readonly beganMs: number; readonly goesOn: boolean };

/** Nearer to the last point than this, in grid units, no difference could be seen. */
const NEAR = 48;

/** A hand on the board, from when it is put down to when it is lifted. */
export type Pen = {
  /** The piece that grows; of it points are only added. */
  readonly growing: () => DrawnStroke;
  /** Goes to a place. */
  move(place: PenPlace): void;
  /** Lifted there: what was not given out yet is. */
  lift(place: PenPlace): void;
};

/** Puts the pen down. `longestMs`: the longest that a stroke may take; `onStroke` gets each stroke when it is whole. */
export function putDown(tool: PenTool, place: PenPlace, longestMs: number, onStroke: (made: PenStroke) => void): Pen {
  let beganMs = place.atMs;
  let goesOn = false;
  let points: StrokePoint[] = [pointAt(place, beganMs, 0)];

  const growing = (): DrawnStroke => ({ ...tool, points });

  function add(next: PenPlace, last: boolean): void {
    const newest = points.at(-1);
    const point = pointAt(next, beganMs, newest?.atMs ?? 0);
    const isNear = newest !== undefined && Math.abs(point.x - newest.x) < NEAR && Math.abs(point.y - newest.y) < NEAR;
    if (isNear && !last) return;
    if (newest !== undefined && (point.atMs > longestMs || points.length >= LIMITS.strokePoints)) {
      give();
      // The next piece begins where this one ended, so that there is no gap between them.
      goesOn = true;
      beganMs += newest.atMs;
      points = [{ ...newest, atMs: 0 }];
      // A hand that has rested: the piece begins when it moves again.
      if (next.atMs - beganMs > longestMs) beganMs = next.atMs;
      add(next, last);
      return;
    }
    if (isNear && newest.x === point.x && newest.y === point.y) return;
    points = [...points, point];
  }

  function give(): void {
    onStroke({ stroke: growing(), beganMs, goesOn });
  }

  return {
    growing,
    move: (next) => add(next, false),
    lift: (next) => {
      add(next, true);
      give();
    },
  };
}

/** On the grid, within the board, and never before the point before it. */
function pointAt({ x, y, atMs }: PenPlace, beganMs: number, leastMs: number): StrokePoint {
  const onGrid = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * BOARD_GRID);
  return { x: onGrid(x), y: onGrid(y), atMs: Math.max(leastMs, Math.round(atMs - beganMs)) };
}
