// Decides whether a press on the approving button counts: only after the surface has been seen whole for half a second without a break,
// and only a person's own press that began and ended there. Pure: the clock and what was seen come in; watch-surface.ts is its eyes.
// It must never open for anything the terminal's page can do on its own.

import { FRAME_LIMITS } from '../frame-limits.ts';

/** Why the button does not work. `settling`: seen whole, but not for long enough yet. */
export type Hindrance = 'hidden' | 'unseen' | 'small' | 'outside' | 'covered' | 'unread' | 'settling';

/** What the observer says of the surface. `unobscured` is true as well in a browser that cannot tell. */
export type Sight = { readonly ratio: number; readonly unobscured: boolean };

/** The window: CSS pixels, and device pixels for each of them, which falls when the page around shrinks the frame. */
export type Extent = { readonly widthPx: number; readonly heightPx: number; readonly scale: number };

/** A press on one of the guarded buttons, at its end. `byPointer`: a mouse, a finger or a pen, so that it has a beginning. */
export type Press = { readonly trusted: boolean; readonly byPointer: boolean; readonly button: string };

/** The guard of one surface. All times are milliseconds of one monotonic clock and never go back. */
export type PressGuard = {
  documentVisible(visible: boolean, nowMs: number): void;
  sight(sight: Sight, nowMs: number): void;
  extent(extent: Extent, nowMs: number): void;
  /** Whether the end of what is written on the surface is in view. */
  endInView(inView: boolean, nowMs: number): void;
  /** The mouse or the keyboard has just come to the frame, or the frame to them: the half second begins anew. */
  disturbed(nowMs: number): void;
  /** Other content took the place of what was there: all of it has to be seen anew. */
  replaced(nowMs: number): void;
  /** A button or key went down; `button` is null beside the guarded buttons. A key that repeats itself does not begin anything. */
  begin(press: { readonly trusted: boolean; readonly button: string | null }, nowMs: number): void;
  /** Whether this press counts. Uses up its beginning. */
  press(press: Press, nowMs: number): boolean;
  hindrance(nowMs: number): Hindrance | null;
  /** Milliseconds until `hindrance` changes by itself, or null. */
  settlesInMs(nowMs: number): number | null;
  /** Whether the person has had no sight of the surface for so long that it has to be given up. Time in a hidden document is not counted. */
  givenUp(nowMs: number): boolean;
};

type Beginning = { readonly button: string | null; readonly opening: number | null };

/** A guard that has seen nothing yet. */
export function makePressGuard(startMs: number): PressGuard {
  let visible = false;
  let seen: Sight | null = null;
  let extent: Extent = { widthPx: 0, heightPx: 0, scale: 1 };
  let atEnd = false;
  let read = false;
  /** Since when nothing stood in the way of seeing it, or null. */
  let clearSinceMs: number | null = null;
  /** Counts the breaks: a press has to begin and end between the same two. */
  let opening = 0;
  let began: Beginning | null = null;
  let unseenMs = 0;
  let countedAtMs = startMs;

  const blockedBy = (): Hindrance | null => {
    if (!visible) return 'hidden';
    if (seen === null) return 'unseen';
    if (isTooSmall(extent)) return 'small';
    if (seen.ratio < FRAME_LIMITS.wholeRatio) return 'outside';
    return seen.unobscured ? null : 'covered';
  };
  const settled = (nowMs: number) => clearSinceMs !== null && nowMs - clearSinceMs >= FRAME_LIMITS.settleMs;

  /** Adds up the time without sight until now, before anything changes. */
  const count = (nowMs: number) => {
    if (settled(nowMs)) unseenMs = 0;
    else if (visible) unseenMs += nowMs - countedAtMs;
    countedAtMs = nowMs;
  };
  const change = (nowMs: number, apply: () => void) => {
    count(nowMs);
    if (settled(nowMs) && atEnd) read = true;
    apply();
    const clear = blockedBy() === null;
    if (clear === (clearSinceMs !== null)) return;
    clearSinceMs = clear ? nowMs : null;
    opening += 1;
  };
  const restart = (nowMs: number) => {
    if (clearSinceMs !== null) clearSinceMs = nowMs;
    opening += 1;
    began = null;
  };
  const hindrance = (nowMs: number): Hindrance | null => {
    const blocked = blockedBy();
    if (blocked !== null) return blocked;
    if (!settled(nowMs)) return 'settling';
    return read || atEnd ? null : 'unread';
  };

  return {
    documentVisible: (isVisible, nowMs) =>
      change(nowMs, () => {
        visible = isVisible;
      }),
    sight: (sight, nowMs) =>
      change(nowMs, () => {
        seen = sight;
      }),
    extent: (newExtent, nowMs) =>
      change(nowMs, () => {
        extent = newExtent;
      }),
    endInView: (inView, nowMs) =>
      change(nowMs, () => {
        atEnd = inView;
      }),
    disturbed: (nowMs) => change(nowMs, () => restart(nowMs)),
    replaced: (nowMs) =>
      change(nowMs, () => {
        restart(nowMs);
        atEnd = false;
        read = false;
      }),
    begin({ trusted, button }, nowMs) {
      if (trusted) began = { button, opening: hindrance(nowMs) === null ? opening : null };
    },
    press({ trusted, byPointer, button }, nowMs) {
      const beginning = began;
      if (!trusted) return false;
      began = null;
      if (hindrance(nowMs) !== null) return false;
      // A screen reader presses without a beginning; nothing but the person's own machine can make such an event.
      if (beginning === null) return !byPointer;
      return beginning.button === button && beginning.opening === opening;
    },
    hindrance,
    settlesInMs(nowMs) {
      if (clearSinceMs === null || settled(nowMs)) return null;
      return clearSinceMs + FRAME_LIMITS.settleMs - nowMs;
    },
    givenUp(nowMs) {
      count(nowMs);
      return unseenMs >= FRAME_LIMITS.unseenMs;
    },
  };
}

/** Too small to be read: fewer pixels than the least surface has, of the page's or of the screen's. */
function isTooSmall({ widthPx, heightPx, scale }: Extent): boolean {
  const smaller = Math.min(1, scale);
  const { leastWidthPx, leastHeightPx, leastScale } = FRAME_LIMITS;
  return scale < leastScale || widthPx * smaller < leastWidthPx || heightPx * smaller < leastHeightPx;
}
