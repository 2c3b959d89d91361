// The watch over the worker: its death is known from the lock it let go, its hanging from pings without an answer.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DeathWatch, watchForDeath } from './death-watch.ts';
import { FRAME_LIMITS } from './frame-limits.ts';

const LOCK = 'farebox-worker-under-test';

let deaths: string[];
let pings: number[];
let watch: DeathWatch;

beforeEach(() => {
  vi.useFakeTimers();
  deaths = [];
  pings = [];
  watch = watchForDeath(
    (pingNumber) => pings.push(pingNumber),
    (code) => deaths.push(code),
  );
});

afterEach(() => {
  watch.end();
  vi.useRealTimers();
});

/** Holds the lock as a worker does; the function returned lets it go. */
async function holdLock(): Promise<() => void> {
  const held = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<void>();
  navigator.locks
    .request(LOCK, () => {
      holding.resolve();
      return held.promise;
    })
    .catch(holding.reject);
  await holding.promise;
  return held.resolve;
}

describe('the death watch', () => {
  it('knows at once that the worker let go of its lock', async () => {
    const letGo = await holdLock();
    watch.started(LOCK);
    expect(deaths).toEqual([]);
    letGo();
    await vi.waitFor(() => expect(deaths).toEqual(['module/dead']));
  });

  it('takes a worker for hung after three pings without an answer', async () => {
    const letGo = await holdLock();
    watch.started(LOCK);
    vi.advanceTimersByTime(FRAME_LIMITS.pingIntervalMs * FRAME_LIMITS.unansweredPings);
    expect([pings, deaths]).toEqual([[1, 2, 3], []]);
    vi.advanceTimersByTime(FRAME_LIMITS.pingIntervalMs);
    expect(deaths).toEqual(['module/deadline']);
    letGo();
  });

  it('leaves a worker alone that answers', async () => {
    const letGo = await holdLock();
    watch.started(LOCK);
    for (let round = 1; round <= 10; round++) {
      vi.advanceTimersByTime(FRAME_LIMITS.pingIntervalMs);
      watch.answered(round);
    }
    expect(deaths).toEqual([]);
    watch.end();
    letGo();
  });

  it('gives up a worker that never says it started', () => {
    vi.advanceTimersByTime(FRAME_LIMITS.startTimeoutMs);
    expect(deaths).toEqual(['module/deadline']);
  });

  it('tells of a death once', () => {
    vi.advanceTimersByTime(FRAME_LIMITS.startTimeoutMs * 3);
    expect(deaths).toHaveLength(1);
  });

  it('is silent once it ended', () => {
    watch.end();
    vi.advanceTimersByTime(FRAME_LIMITS.startTimeoutMs);
    expect(deaths).toEqual([]);
  });
});
