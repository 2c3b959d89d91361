// Calls back at every picture refresh of the screen, and goes on by a timer where there is none: a hidden tab gets no
// refreshes, but its sound plays on and its frames have to be counted.

import { DISPLAY_LIMITS } from './display-limits.ts';

/** Starts calling `onTick` with a monotonic time; the function returned ends it. */
export function startRefresh(onTick: (nowMs: number) => void): () => void {
  let lastMs = performance.now();
  const tick = () => {
    lastMs = performance.now();
    onTick(lastMs);
  };
  let request = requestAnimationFrame(function refreshed() {
    request = requestAnimationFrame(refreshed);
    tick();
  });
  const timer = setInterval(() => {
    if (performance.now() - lastMs >= DISPLAY_LIMITS.refreshMissingMs) tick();
  }, DISPLAY_LIMITS.refreshMissingMs / 2);
  return () => {
    cancelAnimationFrame(request);
    clearInterval(timer);
  };
}
