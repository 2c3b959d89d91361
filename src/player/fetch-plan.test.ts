import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FetchSituation, planFetches } from './fetch-plan.ts';
import { PLAYER_LIMITS } from './limits.ts';
import { retryPauseMs } from './part-fetcher.ts';

const AT_START: FetchSituation = {
  wanted: [],
  current: 0,
  frameCount: 100,
  frameDurationMs: 2_000,
  settled: true,
  bufferedBytes: 0,
  underway: new Set(),
  isHere: () => false,
  isGranted: () => true,
};

describe('the plan of fetches', () => {
  it('takes what the display wants first, then what comes next', () => {
    expect(planFetches({ ...AT_START, wanted: [7, 3] }).start).toEqual([7, 3, 0]);
  });

  it('fetches only the first frames until a picture is on the screen', () => {
    expect(planFetches({ ...AT_START, settled: false }).start).toEqual([0, 1]);
  });

  it('stops at the target of seconds ahead', () => {
    const ahead = (PLAYER_LIMITS.targetAheadSeconds * 1_000) / AT_START.frameDurationMs;
    expect(planFetches({ ...AT_START, isHere: (frame) => frame < ahead }).start).toEqual([]);
  });

  it('gives up what a seek left behind', () => {
    const plan = planFetches({ ...AT_START, current: 50, underway: new Set([0, 1, 51]) });
    expect(plan.abort).toEqual([0, 1]);
    expect(plan.start).toEqual([50, 52]);
  });

  it('fetches a wanted frame however full the buffer is, and nothing else then', () => {
    const full = { ...AT_START, wanted: [4], bufferedBytes: PLAYER_LIMITS.bufferSizeBytes };
    expect(planFetches(full).start).toEqual([4]);
  });

  it('never fetches what the grant does not cover', () => {
    expect(planFetches({ ...AT_START, wanted: [5], isGranted: (frame) => frame < 2 }).start).toEqual([0, 1]);
  });

  it('keeps to its bounds in every situation', () => {
    const frames = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 12 });
    fc.assert(
      fc.property(frames, frames, frames, fc.integer({ min: 0, max: 99 }), (wanted, underway, here, current) => {
        const plan = planFetches({
          ...AT_START,
          wanted,
          current,
          underway: new Set(underway.slice(0, PLAYER_LIMITS.parallelFrames)),
          isHere: (frame) => here.includes(frame),
        });
        const running = Math.min(underway.length, PLAYER_LIMITS.parallelFrames) - plan.abort.length + plan.start.length;
        expect(running).toBeLessThanOrEqual(PLAYER_LIMITS.parallelFrames);
        for (const frame of plan.start) {
          expect(here).not.toContain(frame);
          expect(frame).toBeLessThan(AT_START.frameCount);
        }
      }),
    );
  });
});

describe('the pause before a part is asked for again', () => {
  it('doubles, is spread over its upper half, and is bounded', () => {
    expect([0, 1, 2].map((failures) => retryPauseMs(failures, 0))).toEqual([125, 250, 500]);
    expect(retryPauseMs(0, 0.999)).toBe(250);
    expect(retryPauseMs(60, 0.999)).toBeLessThanOrEqual(PLAYER_LIMITS.retryLongestMs);
  });
});
