// What is on a board: strokes in their order, the newest of them growing under the pen. Kept by board-show.ts, which gives it only strokes
// that are counted.

import { pointsDue } from '../../protocol/stroke-drawing.ts';
import { type DrawnStroke, type Stroke, standingStrokes } from '../../protocol/strokes.ts';
import type { BoardPainter } from './board-painter.ts';

/** The strokes of one board. */
export class BoardSheet {
  readonly #painter: BoardPainter;
  #made: Stroke[] = [];
  /** The stroke that is being drawn, and how many of its points are. */
  #pen: { readonly stroke: DrawnStroke; drawn: number } | null = null;

  constructor(painter: BoardPainter) {
    this.#painter = painter;
  }

  /** Everything that was put on it, in order. */
  get made(): readonly Stroke[] {
    return this.#made;
  }

  /** Takes these and nothing else, whole, at once. */
  reset(made: readonly Stroke[]): void {
    this.#made = [...made];
    this.#pen = null;
    this.#repaint();
  }

  /** The next stroke; the one before it is whole. Of a line nothing is drawn before `move`. */
  put(stroke: Stroke): void {
    this.finish();
    this.#made.push(stroke);
    if (stroke.kind === 'clear' || stroke.kind === 'undo') this.#repaint();
    else this.#pen = { stroke, drawn: 0 };
  }

  /** Draws of the newest line what is due so long after it began, ms. */
  move(sinceMs: number): void {
    if (this.#pen === null) return;
    const { stroke, drawn } = this.#pen;
    const due = Math.max(drawn, pointsDue(stroke, sinceMs));
    if (due === drawn) return;
    this.#pen.drawn = due;
    if (due === stroke.points.length) this.finish();
    else this.#painter.show(stroke, due);
  }

  /** Draws the newest line to its end. */
  finish(): void {
    if (this.#pen === null) return;
    this.#painter.add(this.#pen.stroke);
    this.#pen = null;
    this.#painter.show(null, 0);
  }

  #repaint(): void {
    this.#painter.bare();
    for (const stroke of standingStrokes(this.#made)) this.#painter.add(stroke);
    this.#painter.show(null, 0);
  }
}
