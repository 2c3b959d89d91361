// Draws a board for the module's screen: the bare paper, and lines on it. Used by board-sheet.ts; the host never sees a point of them.

import { drawBareBoard, drawStroke } from '../../protocol/stroke-drawing.ts';
import type { DrawnStroke } from '../../protocol/strokes.ts';
import type { Painter } from './painter.ts';

/** What a board is drawn with: whole strokes lie on a ground of their own, so that one that grows is drawn over it as one line at each step. */
export type BoardPainter = {
  /** Takes everything off the ground. */
  bare(): void;
  /** Puts a whole stroke on the ground. */
  add(stroke: DrawnStroke): void;
  /** Shows the ground, and over it so many points of a stroke that grows, if there is one. */
  show(growing: DrawnStroke | null, points: number): void;
};

/** Width of a board in pixels: sharp on a large screen, and what its memory allows. */
const CANVAS_WIDTH = 1_920;

/** `screen` shows what is drawn; `shape` is the board's own. Throws where a canvas gives no 2D context, which no supported browser does. */
export function makeBoardPainter(
  screen: Painter,
  shape: { readonly width: number; readonly height: number },
): BoardPainter {
  // A board as flat as a manifest allows still has a line to draw on.
  const size = { width: CANVAS_WIDTH, height: Math.max(1, Math.round((CANVAS_WIDTH * shape.height) / shape.width)) };
  if (size.height > CANVAS_WIDTH) {
    size.width = Math.max(1, Math.round((CANVAS_WIDTH * shape.width) / shape.height));
    size.height = CANVAS_WIDTH;
  }
  const makeSheet = (): OffscreenCanvasRenderingContext2D | null =>
    new OffscreenCanvas(size.width, size.height).getContext('2d', { alpha: false });
  const [ground, sheet] = [makeSheet(), makeSheet()];
  if (ground === null || sheet === null) throw new Error('no 2D context');
  return {
    bare: () => drawBareBoard(ground, size),
    add: (stroke) => drawStroke(ground, size, stroke, 0, stroke.points.length),
    show(growing, points) {
      sheet.drawImage(ground.canvas, 0, 0);
      if (growing !== null) drawStroke(sheet, size, growing, 0, points);
      screen.draw(new VideoFrame(sheet.canvas, { timestamp: Math.round(performance.now() * 1_000) }));
    },
  };
}
