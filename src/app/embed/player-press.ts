// Whether a programme may begin to play on the page that other sites frame. There, nothing that costs begins before a person has pressed a
// button of this page that stood whole and uncovered for a moment: the page around it could lay anything over it, or press for them.

import { createStore, type ReadableStore } from '../../player/store.ts';

/** As long as this a button has to be seen before a press means anything, ms. */
const SEEN_MS = 500;
/** The least delay that IntersectionObserver v2 allows between two looks, ms. */
const LOOK_EVERY_MS = 100;
/** Rounding of sizes in pages that are zoomed leaves a hair out. */
const WHOLE = 0.99;

/** Gate of the first press. */
export type PressGate = {
  /** True while play may only begin by a press that counts. */
  readonly needsPress: ReadableStore<boolean>;
  /** Looks after `element` until the returned function is called. */
  watch(element: Element): () => void;
  /** Says whether a press that just happened on it counts; one that does opens the gate. */
  press(event: Pick<Event, 'isTrusted'>): boolean;
  /** A programme is over or failed: the next one needs a press again. */
  close(): void;
};

/** Makes the gate. One that is not `framed` is always open: the page is its own, and the browser wants a gesture anyway. */
export function createPressGate(framed: boolean, nowMs: () => number): PressGate {
  const needsPress = createStore(framed);
  let seenSinceMs: number | null = null;
  return {
    needsPress,
    watch(element) {
      if (!framed) return () => undefined;
      const observer = new IntersectionObserver(
        (entries) => {
          const last = entries.at(-1);
          if (last === undefined) return;
          const seesCovers = 'isVisible' in IntersectionObserverEntry.prototype;
          const whole = last.intersectionRatio >= WHOLE && (!seesCovers || last.isVisible === true);
          seenSinceMs = whole ? (seenSinceMs ?? nowMs()) : null;
        },
        { trackVisibility: true, delay: LOOK_EVERY_MS, threshold: [0, 0.5, WHOLE, 1] },
      );
      observer.observe(element);
      return () => {
        seenSinceMs = null;
        observer.disconnect();
      };
    },
    press({ isTrusted }) {
      if (!framed) return true;
      if (!isTrusted || seenSinceMs === null || nowMs() - seenSinceMs < SEEN_MS) return false;
      needsPress.set(false);
      return true;
    },
    close: () => needsPress.set(framed),
  };
}
