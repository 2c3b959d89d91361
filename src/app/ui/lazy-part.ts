// A part of a screen in a chunk of its own, which nothing waits for. A chunk that does not come is asked for again: the line may be gone for
// a while, and a screen that lacks a part is better than none.

import { type ComponentType, type LazyExoticComponent, lazy } from 'react';

/** Time between two tries, ms. */
const AGAIN_MS = 2_000;
/** Tries before the screen is given up: ten minutes. */
const TRIES = 300;

/** Makes it; stand it in a Suspense. */
export function lazyPart<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => {
    for (let tries = 1; ; tries += 1) {
      try {
        return { default: await load() };
      } catch (error) {
        if (tries >= TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  });
}
