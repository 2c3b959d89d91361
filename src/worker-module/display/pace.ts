// When a show looks again at what is due. Where pictures go to the screen as a stream, by a timer set for the next of them: looking at every refresh
// of the screen cost more than half of what play costs the worker, and as much again in the process that draws. A canvas is drawn on at refreshes.

import type { PictureScreen } from '../frame-messages.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import { startRefresh } from './refresh.ts';

/** Calls back in time. */
export type Pace = {
  /** To be called again in so many milliseconds, within DISPLAY_LIMITS; takes the place of what was asked for before. */
  next(inMs: number): void;
  end(): void;
};

/** Calls `onTick` with a monotonic time, as the screen needs it; the first time soon. */
export function startPace(kind: PictureScreen['kind'], onTick: (nowMs: number) => void): Pace {
  return kind === 'stream' ? startTimer(onTick) : startRefreshes(onTick);
}

function startTimer(onTick: (nowMs: number) => void): Pace {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const next = (inMs: number): void => {
    if (ended) return;
    clearTimeout(timer);
    const { leastTickMs, mostTickMs } = DISPLAY_LIMITS;
    timer = setTimeout(() => onTick(performance.now()), Math.min(Math.max(inMs, leastTickMs), mostTickMs));
  };
  next(0);
  return {
    next,
    end() {
      ended = true;
      clearTimeout(timer);
    },
  };
}

function startRefreshes(onTick: (nowMs: number) => void): Pace {
  return { next: () => undefined, end: startRefresh(onTick) };
}
