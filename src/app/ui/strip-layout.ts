// Where each tick of a strip of frames goes: pure arithmetic, so that three frames and three thousand both look right.
// Called by frame-strip.tsx.

/** A laid-out strip, in CSS pixels. */
export type StripLayout = {
  readonly perRow: number;
  readonly rows: number;
  /** Distance from one tick to the next; with fractions, so that one row fills its width. */
  readonly pitch: number;
  readonly tickWidth: number;
  readonly rowHeight: number;
  readonly tickHeight: number;
  readonly height: number;
};

/** Ticks are never wider than this, however few there are. */
const WIDEST_PITCH = 10;
/** Nor narrower: two pixels and a gap can still be told apart. */
const NARROWEST_PITCH = 3;
/** What a division may lose. */
const ROUNDING = 1e-9;

/** Lays `count` ticks out over `width` pixels: one tall row while they fit, then more and lower rows. */
export function layOutStrip(count: number, width: number): StripLayout {
  const usable = Math.max(width, NARROWEST_PITCH);
  const fitting = (usable + 1) / Math.max(count, 1);
  const pitch = Math.min(WIDEST_PITCH, Math.max(NARROWEST_PITCH, fitting));
  const perRow = Math.max(1, Math.floor((usable + 1) / pitch + ROUNDING));
  const rows = Math.max(1, Math.ceil(count / perRow));
  const tickHeight = rows <= 2 ? 20 : rows <= 6 ? 12 : 6;
  const rowHeight = tickHeight + (rows <= 6 ? 6 : 3);
  return {
    perRow,
    rows,
    pitch,
    tickWidth: Math.floor(pitch > 6 ? pitch - 3 : pitch - 1),
    rowHeight,
    tickHeight,
    height: rows * rowHeight - (rowHeight - tickHeight),
  };
}

/** Share of a tick's height that each mark stands up to: shape says what colour says. Index is a FRAME_MARKS value. */
export const TICK_HEIGHTS = [0.25, 1, 0.62, 1] as const;
