// How a stroke becomes a line, BT-12: the same whether it is drawn at once or as it grows, in the size of the board, and a dot is seen.

import { describe, expect, test } from 'vitest';
import { drawBareBoard, drawStroke, pointsDue, type StrokePen } from './stroke-drawing.ts';
import { BOARD_PAPER, type DrawnStroke, STROKE_COLOURS, STROKE_PALETTE } from './strokes.ts';

const SIZE = { width: 1_600, height: 1_000 };

/** A pen that writes down what it is told. */
function recorder() {
  const curves: string[] = [];
  const lines: string[] = [];
  const pen: StrokePen & { filled: string[] } = {
    ...{ lineCap: 'butt', lineJoin: 'miter', lineWidth: 0, strokeStyle: '', fillStyle: '', filled: [] },
    beginPath: () => undefined,
    moveTo: () => undefined,
    lineTo: (x, y) => void lines.push(`${Math.round(x)},${Math.round(y)}`),
    quadraticCurveTo: (...places) => void curves.push(places.map(Math.round).join()),
    stroke: () => undefined,
    fillRect: (...places) => void pen.filled.push(`${String(pen.fillStyle)} ${places.join()}`),
  };
  return { pen, curves, lines };
}

const ink = (count: number): DrawnStroke => ({
  ...{ kind: 'draw', colour: 5, width: 10 },
  points: Array.from({ length: count }, (_none, at) => ({ x: at * 6_000, y: (at % 3) * 20_000, atMs: at * 10 })),
});

describe('BT-12: a line', () => {
  test('has the same curves whether it is drawn at once or as it grows', () => {
    const stroke = ink(9);
    const [whole, grown] = [recorder(), recorder()];
    drawStroke(whole.pen, SIZE, stroke, 0, 9);
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 6],
      [6, 6],
      [6, 9],
    ] as const)
      drawStroke(grown.pen, SIZE, stroke, from, to);
    expect(grown.curves).toEqual(whole.curves);
    expect(whole.curves.length).toBe(8);
    expect(grown.lines.at(-1)).toBe(whole.lines.at(-1));
    // It ends where the pen was lifted.
    expect(whole.lines.at(-1)).toBe(
      `${Math.round((48_000 / 65_535) * 1_600)},${Math.round((40_000 / 65_535) * 1_000)}`,
    );
  });

  test('has its colour, the width of its share of the board, and round ends', () => {
    const { pen } = recorder();
    drawStroke(pen, SIZE, ink(2), 0, 2);
    expect([pen.strokeStyle, pen.lineWidth, pen.lineCap, pen.lineJoin]).toEqual([
      STROKE_PALETTE[5],
      10,
      'round',
      'round',
    ]);
    drawStroke(pen, SIZE, { kind: 'erase', width: 60, points: ink(2).points }, 0, 2);
    expect([pen.strokeStyle, pen.lineWidth]).toEqual([BOARD_PAPER, 60]);
  });

  test('of one point is a dot, which has to have some length to be seen', () => {
    const places: number[] = [];
    const { pen } = recorder();
    drawStroke({ ...pen, moveTo: (x) => void places.push(x), lineTo: (x) => void places.push(x) }, SIZE, ink(1), 0, 1);
    expect(places.length).toBe(3);
    expect(places[1]).toBeGreaterThan(places[0] ?? 0);
  });

  test('has so many points as are due', () => {
    expect([-1, 0, 19, 20, 1_000].map((sinceMs) => pointsDue(ink(4), sinceMs))).toEqual([0, 1, 2, 3, 4]);
  });
});

test('BT-12: a bare board is paper, and every colour there is has a look', () => {
  const { pen } = recorder();
  drawBareBoard(pen, SIZE);
  expect(pen.filled).toEqual([`${BOARD_PAPER} 0,0,1600,1000`]);
  expect(new Set(STROKE_PALETTE).size).toBe(STROKE_COLOURS);
});
