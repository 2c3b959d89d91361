// Strokes (docs/protocol.md §22): what a frame of a whiteboard holds once it is opened. Made by the drawer, sealed by the provider,
// read by the module alone, which draws it. Whole numbers and nothing else, so that nothing in a stroke can run.

import type { Bytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { LIMITS } from './limits.ts';

export { STROKES_LABEL } from './board-kind.ts';

const TYPE = 'farebox/stroke';
const VERSION = 1;
const CODE = 'strokes/malformed';

/** Codec of a strokes part: this file's form. */
export const STROKES_CODEC = 'fbst';

/** The last place of a board's grid, right and below; the first is 0, whatever shape the board has. */
export const BOARD_GRID = 65_535;

/** What the colours of strokes look like on the board's paper, each dark enough to be read there: ink, orange, red, amber, green, blue, violet, grey. */
export const STROKE_PALETTE = Object.freeze([
  ...['#1a1a1e', '#c33a06', '#b3261e', '#8a5a00'],
  ...['#2e7d4f', '#2456b8', '#6b3fa0', '#66666c'],
] as const);

/** The bare board: paper, whatever the screen around it looks like. */
export const BOARD_PAPER = '#f7f3ea';

/** Colours that a stroke can have. */
export const STROKE_COLOURS = STROKE_PALETTE.length;

/** A place that the pen was at: grid units, and ms since the stroke began. */
export type StrokePoint = Readonly<{ x: number; y: number; atMs: number }>;

/** A line of ink, or of the bare board. `width` in thousandths of the board's height. */
export type DrawnStroke = Readonly<
  | { kind: 'draw'; colour: number; width: number; points: readonly StrokePoint[] }
  | { kind: 'erase'; width: number; points: readonly StrokePoint[] }
>;

/** What one frame of a board does. `clear` takes everything away; `undo` takes back the newest stroke that stands, a `clear` among them. */
export type Stroke = DrawnStroke | Readonly<{ kind: 'clear' }> | Readonly<{ kind: 'undo' }>;

/** The clear bytes of a stroke, to be sealed as a frame. Whether it is within the bounds, `decodeStroke` says. */
export function encodeStroke(stroke: Stroke): Bytes {
  const head: CborValue[] = [TYPE, VERSION, stroke.kind];
  if (stroke.kind === 'draw') head.push(stroke.colour);
  if (stroke.kind === 'draw' || stroke.kind === 'erase') {
    head.push(
      stroke.width,
      stroke.points.flatMap(({ x, y, atMs }) => [x, y, atMs]),
    );
  }
  return encodeCbor(head);
}

/**
 * Reads a stroke that takes at most `longestMs`. Errors: `strokes/malformed`, with what does not fit as `member`: another form, a
 * colour or a place that there is not, a pen that goes back in time, more points or a longer time than one stroke may have.
 */
export function decodeStroke(bytes: Uint8Array, longestMs: number): Stroke {
  const value = decodeBounded(bytes);
  const [type, version, kind, ...rest]: readonly CborValue[] = Array.isArray(value) ? value : [];
  if (type !== TYPE || version !== VERSION) return refuse('type');
  if (kind === 'clear' || kind === 'undo') return rest.length === 0 ? Object.freeze({ kind }) : refuse('kind');
  if (kind === 'draw' && rest.length === 3) {
    const [colour, width, points] = rest;
    return Object.freeze({
      kind,
      colour: readInteger(colour, 0, STROKE_COLOURS - 1, 'colour'),
      width: readInteger(width, 1, LIMITS.strokeWidth, 'width'),
      points: readPoints(points, longestMs),
    });
  }
  if (kind === 'erase' && rest.length === 2) {
    const [width, points] = rest;
    return Object.freeze({
      kind,
      width: readInteger(width, 1, LIMITS.strokeWidth, 'width'),
      points: readPoints(points, longestMs),
    });
  }
  return refuse('kind');
}

/** How long a stroke takes, ms: 0 for one that is made at once. */
export function strokeLengthMs(stroke: Stroke): number {
  return stroke.kind === 'draw' || stroke.kind === 'erase' ? (stroke.points.at(-1)?.atMs ?? 0) : 0;
}

/** The strokes that are to be seen once all of these were made, in order; what was erased is among them, as a line of the bare board. */
export function standingStrokes(made: readonly Stroke[]): readonly DrawnStroke[] {
  const standing: (DrawnStroke | Readonly<{ kind: 'clear' }>)[] = [];
  for (const stroke of made) {
    if (stroke.kind === 'undo') standing.pop();
    else standing.push(stroke);
  }
  const cleared = standing.findLastIndex(({ kind }) => kind === 'clear');
  return standing.slice(cleared + 1).flatMap((stroke) => (stroke.kind === 'clear' ? [] : [stroke]));
}

function decodeBounded(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, { depth: 3, sizeBytes: LIMITS.strokeSizeBytes, items: 4 * LIMITS.strokePoints });
  } catch (cause) {
    throw new FareboxError(CODE, { member: 'cbor' }, { cause });
  }
}

function readPoints(value: CborValue | undefined, longestMs: number): readonly StrokePoint[] {
  if (!Array.isArray(value) || value.length === 0 || value.length % 3 !== 0) return refuse('points');
  if (value.length > 3 * LIMITS.strokePoints) return refuse('points');
  const points: StrokePoint[] = [];
  let reachedMs = 0;
  for (let at = 0; at < value.length; at += 3) {
    const x = readInteger(value[at], 0, BOARD_GRID, 'points');
    const y = readInteger(value[at + 1], 0, BOARD_GRID, 'points');
    // The first is where the stroke begins, and no later one was earlier.
    reachedMs = readInteger(value[at + 2], reachedMs, at === 0 ? 0 : longestMs, 'time');
    points.push(Object.freeze({ x, y, atMs: reachedMs }));
  }
  return Object.freeze(points);
}

function readInteger(value: CborValue | undefined, least: number, most: number, member: string): number {
  return typeof value === 'number' && value >= least && value <= most ? value : refuse(member);
}

function refuse(member: string): never {
  throw new FareboxError(CODE, { member });
}
