// The clock of a test browser: stands still until the test moves it.

import type { Clock } from '../clock.ts';

/** When every world begins, ms since 1970. */
export const START_TIME = 1_800_000_000_000;

/** A clock that stands still until the test moves it; `advance` runs the timers that are due. */
export type TestClock = Clock & { advance(ms: number): void };

/** A clock at START_TIME. */
export function makeTestClock(): TestClock {
  let now = START_TIME;
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    after: (delayMs, run) => {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: (ms) => {
      now += ms;
      const due = timers.filter((timer) => timer.at <= now);
      timers = timers.filter((timer) => timer.at > now);
      for (const timer of due) timer.run();
    },
  };
}
