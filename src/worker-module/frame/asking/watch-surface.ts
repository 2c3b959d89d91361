// The eyes of the press guard: what the browser says of the surface's visibility, size, scroll and movement, given to press-guard.ts as it
// changes. IntersectionObserver v2 sees covers, opacity, filters, rotation and scaling that the terminal's page puts on the frame;
// it does not see a CSS mask, docs/threat-model.md.

import { FRAME_LIMITS } from '../frame-limits.ts';
import { movedApart } from './movement.ts';
import type { PressGuard } from './press-guard.ts';

// IntersectionObserver v2 is in no library that TypeScript ships; the shape is W3C IntersectionObserver v2 §2.2, §2.3.
declare global {
  interface IntersectionObserverInit {
    trackVisibility?: boolean;
    delay?: number;
  }
  interface IntersectionObserverEntry {
    readonly isVisible?: boolean;
  }
}

/** Time between two looks at what no event tells: how far the page has scaled the frame, and whether time is up. */
const LOOK_INTERVAL_MS = 50;

/** A focus that comes with a press is the person's; one that comes alone may be the page's. */
const FOCUS_OF_PRESS_MS = 100;

/** The watch over one surface. */
export type SurfaceWatch = {
  /** Takes in everything that is known by now: before a press is judged, and after the content changed. */
  look(): void;
  end(): void;
};

/** The parts of a surface that are watched: all of it, what scrolls in it, and who is told when something may have changed. */
export type WatchedSurface = {
  readonly surface: HTMLElement;
  readonly scroller: HTMLElement;
  readonly guard: PressGuard;
  readonly onLook: () => void;
};

/** Watches until `end`. */
export function watchSurface({ surface, scroller, guard, onLook }: WatchedSurface): SurfaceWatch {
  const ended = new AbortController();
  const always = { capture: true, signal: ended.signal } as const;

  const takeSight = (entries: readonly IntersectionObserverEntry[]) => {
    const last = entries.at(-1);
    if (last === undefined) return;
    const unobscured = seesCovers() ? last.isVisible === true : true;
    guard.sight({ ratio: last.intersectionRatio, unobscured }, performance.now());
  };
  const observer = new IntersectionObserver(
    (entries) => {
      takeSight(entries);
      look();
    },
    // Thresholds around "whole" so that every step over it is told.
    { trackVisibility: true, delay: FRAME_LIMITS.sightDelayMs, threshold: [0, 0.5, 0.9, FRAME_LIMITS.wholeRatio, 1] },
  );
  const look = () => {
    const nowMs = performance.now();
    takeSight(observer.takeRecords());
    guard.documentVisible(document.visibilityState === 'visible', nowMs);
    guard.extent({ widthPx: innerWidth, heightPx: innerHeight, scale: devicePixelRatio }, nowMs);
    guard.endInView(scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 2, nowMs);
    onLook();
  };

  observer.observe(surface);
  document.addEventListener('visibilitychange', look, always);
  window.addEventListener('resize', look, always);
  scroller.addEventListener('scroll', look, { passive: true, signal: ended.signal });
  watchMovement(guard, always);
  watchFocus(guard, always);
  const looking = setInterval(look, LOOK_INTERVAL_MS);

  return {
    look,
    end() {
      clearInterval(looking);
      observer.disconnect();
      ended.abort();
    },
  };
}

/** Whether this browser can tell that something covers the surface. Without, only its whole size in the window is known. */
function seesCovers(): boolean {
  return 'isVisible' in IntersectionObserverEntry.prototype;
}

/**
 * A mouse that comes into the frame, or a frame that comes under the mouse: from within they look alike, so both start the half second anew.
 * A finger gives no sign before it presses; there the browser itself has to drop what falls on a frame that has just moved.
 */
function watchMovement(guard: PressGuard, always: AddEventListenerOptions): void {
  let last: PointerEvent | null = null;
  const take = (event: PointerEvent) => {
    if (!event.isTrusted || event.pointerType !== 'mouse') return;
    const before = last;
    last = event;
    if (before === null || movedApart(before, event)) guard.disturbed(performance.now());
  };
  for (const type of ['pointerover', 'pointermove', 'pointerdown'] as const)
    window.addEventListener(type, take, always);
  document.documentElement.addEventListener(
    'pointerleave',
    () => {
      last = null;
    },
    always,
  );
}

/** The page can give the keyboard to the frame while the person is typing elsewhere, so keys begin half a second later. */
function watchFocus(guard: PressGuard, always: AddEventListenerOptions): void {
  let pressedAtMs = Number.NEGATIVE_INFINITY;
  window.addEventListener(
    'pointerdown',
    (event) => {
      if (event.isTrusted) pressedAtMs = performance.now();
    },
    always,
  );
  window.addEventListener(
    'focus',
    (event) => {
      const nowMs = performance.now();
      if (event.target === window && nowMs - pressedAtMs > FOCUS_OF_PRESS_MS) guard.disturbed(nowMs);
    },
    always,
  );
  window.addEventListener(
    'blur',
    (event) => {
      // A key must not find a button under it when the page gives the keyboard back.
      const focused = document.activeElement;
      if (event.target === window && focused instanceof HTMLButtonElement) focused.blur();
    },
    always,
  );
}
