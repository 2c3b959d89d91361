// How a stroke becomes a line (docs/protocol.md §22): the same for the drawer's page and for the module, so that viewers see what was
// drawn. Draws on whatever has a canvas's few methods; it makes none and keeps nothing.

import { BOARD_GRID, BOARD_PAPER, type DrawnStroke, STROKE_PALETTE, type StrokePoint } from './strokes.ts';

/** What is drawn with: a canvas's 2D context, or a test's. */
export type StrokePen = {
  lineCap: 'butt' | 'round' | 'square';
  lineJoin: 'bevel' | 'miter' | 'round';
  lineWidth: number;
  strokeStyle: unknown;
  fillStyle: unknown;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  quadraticCurveTo(throughX: number, throughY: number, x: number, y: number): void;
  stroke(): void;
  fillRect(x: number, y: number, width: number, height: number): void;
};

/** Length of a dot in the pen's own units: less than anybody sees. */
const DOT_LENGTH = 0.01;

/** Size of the board in the pen's own units. */
export type BoardSize = Readonly<{ width: number; height: number }>;

/** Takes everything away. */
export function drawBareBoard(pen: StrokePen, { width, height }: BoardSize): void {
  pen.fillStyle = BOARD_PAPER;
  pen.fillRect(0, 0, width, height);
}

/**
 * Draws the points of a stroke from number `from` up to and without `to`, onto what was drawn of it before. A curve runs from the middle
 * between two points to the next middle, so that it needs no point to come; the last half follows with the last point.
 */
export function drawStroke(pen: StrokePen, size: BoardSize, stroke: DrawnStroke, from: number, to: number): void {
  const { points } = stroke;
  if (to <= from) return;
  const colour = stroke.kind === 'erase' ? BOARD_PAPER : (STROKE_PALETTE[stroke.colour] ?? STROKE_PALETTE[0]);
  Object.assign(pen, { lineCap: 'round', lineJoin: 'round', strokeStyle: colour });
  pen.lineWidth = (stroke.width / 1_000) * size.height;
  const at = (number: number): Readonly<{ x: number; y: number }> => placeOn(size, points[number] ?? points[0]);
  const middle = (number: number): Readonly<{ x: number; y: number }> => {
    const [one, other] = [at(Math.max(0, number - 1)), at(number)];
    return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  };
  const begin = from === 0 ? at(0) : middle(from - 1);
  pen.beginPath();
  pen.moveTo(begin.x, begin.y);
  // A dot is a line with round ends; of no length at all nothing would be drawn.
  if (from === 0) pen.lineTo(begin.x + DOT_LENGTH, begin.y);
  for (let number = Math.max(1, from); number < to; number += 1) {
    const [through, end] = [at(number - 1), middle(number)];
    pen.quadraticCurveTo(through.x, through.y, end.x, end.y);
  }
  if (to >= points.length) pen.lineTo(at(points.length - 1).x, at(points.length - 1).y);
  pen.stroke();
}

/** How many points of a stroke are due `sinceMs` after it began. */
export function pointsDue({ points }: DrawnStroke, sinceMs: number): number {
  const later = points.findIndex(({ atMs }) => atMs > sinceMs);
  return later < 0 ? points.length : later;
}

function placeOn({ width, height }: BoardSize, point: StrokePoint | undefined): Readonly<{ x: number; y: number }> {
  return { x: ((point?.x ?? 0) / BOARD_GRID) * width, y: ((point?.y ?? 0) / BOARD_GRID) * height };
}
