// Whether the frame itself moved between two looks at the mouse: its way over the screen and its way over the frame do not agree then.
// The two are in different units where the person has zoomed the page, by a factor that nobody tells a frame.

/** A place of the mouse, in pixels of the screen and of the frame. */
export type MousePlace = Readonly<Record<'screenX' | 'screenY' | 'clientX' | 'clientY', number>>;

/** How far browsers zoom, in and out, with some room: within it the two ways may differ. */
const LARGEST_ZOOM = 6;
/** Pixels that rounding may make of nothing. */
const ROUNDING_PX = 3;

/** True where no zoom explains how the mouse went from one place to the next. */
export function movedApart(from: MousePlace, to: MousePlace): boolean {
  return (
    disagree(to.screenX - from.screenX, to.clientX - from.clientX) ||
    disagree(to.screenY - from.screenY, to.clientY - from.clientY)
  );
}

function disagree(overScreenPx: number, overFramePx: number): boolean {
  const onScreen = Math.abs(overScreenPx);
  const inFrame = Math.abs(overFramePx);
  if (onScreen > ROUNDING_PX && inFrame > ROUNDING_PX && overScreenPx > 0 !== overFramePx > 0) return true;
  return inFrame > onScreen * LARGEST_ZOOM + ROUNDING_PX || onScreen > inFrame * LARGEST_ZOOM + ROUNDING_PX * 2;
}
