// When a show looks again: by a timer for what is due next, one at a time, and not after its end.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DISPLAY_LIMITS } from './display-limits.ts';
import { startPace } from './pace.ts';

const { leastTickMs, mostTickMs } = DISPLAY_LIMITS;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the pace of a show whose pictures are a stream', () => {
  it('begins by itself and goes on only as it is asked to', () => {
    const onTick = vi.fn();
    const pace = startPace('stream', onTick);
    vi.advanceTimersByTime(leastTickMs);
    expect(onTick).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(10 * mostTickMs);
    expect(onTick).toHaveBeenCalledTimes(1);
    pace.next(30);
    vi.advanceTimersByTime(29);
    expect(onTick).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(onTick).toHaveBeenCalledTimes(2);
  });

  it('keeps to the newest time that it was asked for, within its bounds', () => {
    const onTick = vi.fn();
    const pace = startPace('stream', onTick);
    pace.next(10);
    pace.next(60_000);
    vi.advanceTimersByTime(mostTickMs - 1);
    expect(onTick).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onTick).toHaveBeenCalledTimes(1);
    pace.next(-5);
    vi.advanceTimersByTime(leastTickMs);
    expect(onTick).toHaveBeenCalledTimes(2);
  });

  it('is silent after its end, whatever is asked', () => {
    const onTick = vi.fn();
    const pace = startPace('stream', onTick);
    pace.end();
    pace.next(0);
    vi.advanceTimersByTime(10 * mostTickMs);
    expect(onTick).not.toHaveBeenCalled();
  });
});
