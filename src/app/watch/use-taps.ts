// What a finger means on the picture: one tap shows the controls, a second one soon after on the left or the right third goes back or
// ahead, one in the middle holds or goes on. Nothing here follows a moving finger, so scrolling and zooming stay the browser's. Used by the stage.

import { type MouseEvent, useRef } from 'react';

/** Two taps within this time are a double tap, ms. */
const DOUBLE_MS = 300;
/** How far a double tap goes, ms. */
const SKIP_MS = 10_000;
/** Share of the width at either side that skips. */
const SIDE = 1 / 3;

/** What the stage does with a tap. */
export type TapWishes = { readonly visible: boolean; wake(): void; skip(byMs: number): void };

/** Handlers of the glass over the picture: of a click, which is true where it was a finger's and is done with, and whether the last one was. */
export function useTaps({ visible, wake, skip }: TapWishes): {
  onTap(event: MouseEvent<HTMLElement>): boolean;
  wasTap(): boolean;
} {
  const last = useRef<{ readonly timeMs: number; readonly side: -1 | 0 | 1; readonly touch: boolean }>(NO_TAP);
  return {
    onTap({ nativeEvent, currentTarget, clientX, timeStamp }) {
      const touch = nativeEvent instanceof PointerEvent && nativeEvent.pointerType === 'touch';
      const before = last.current;
      const side = touch ? sideOf(clientX, currentTarget.getBoundingClientRect()) : 0;
      last.current = { timeMs: timeStamp, side, touch };
      if (!touch) return false;
      wake();
      // A third tap goes on: each one after the first skips.
      if (side !== 0 && side === before.side && timeStamp - before.timeMs < DOUBLE_MS) skip(side * SKIP_MS);
      // In the middle of a picture whose controls are there it means what a click means.
      return side !== 0 || !visible;
    },
    wasTap: () => last.current.touch,
  };
}

const NO_TAP = Object.freeze({ timeMs: 0, side: 0, touch: false } as const);

/** −1 left, 1 right, 0 between. */
export function sideOf(x: number, { left, width }: Pick<DOMRect, 'left' | 'width'>): -1 | 0 | 1 {
  const share = (x - left) / Math.max(1, width);
  return share < SIDE ? -1 : share > 1 - SIDE ? 1 : 0;
}
