// The clock that leads the display: sound where it is heard, time where not, never past what is counted.

import { describe, expect, it } from 'vitest';
import { DISPLAY_LIMITS } from './display-limits.ts';
import { PlayClock } from './play-clock.ts';

const FAR_MS = 60_000;

function runningClock(soundExpected: boolean): PlayClock {
  const clock = new PlayClock();
  clock.begin(1_000, FAR_MS);
  clock.run(5_000, soundExpected);
  return clock;
}

describe('the play clock', () => {
  it('stands still until it runs', () => {
    const clock = new PlayClock();
    clock.begin(1_000, FAR_MS);
    expect(clock.positionMs(9_000)).toBe(1_000);
  });

  it('follows the time where no sound is expected', () => {
    const clock = runningClock(false);
    expect(clock.positionMs(5_040)).toBe(1_040);
    expect(clock.soundLeads).toBe(false);
  });

  it('waits for the sound to move, and then follows it', () => {
    const clock = runningClock(true);
    expect(clock.positionMs(5_200)).toBe(1_000);
    clock.follow({ positionMs: 1_000, heardAtMs: 5_250, moving: true });
    expect(clock.positionMs(5_240)).toBe(1_000);
    expect(clock.positionMs(5_300)).toBe(1_050);
    expect(clock.soundLeads).toBe(true);
  });

  it('takes the time where the expected sound does not come', () => {
    const clock = runningClock(true);
    const afterGraceMs = 5_000 + DISPLAY_LIMITS.soundGraceMs;
    expect(clock.positionMs(afterGraceMs - 1)).toBe(1_000);
    expect(clock.positionMs(afterGraceMs + 99)).toBe(1_100);
  });

  it('does not let a held report of the device begin the lead', () => {
    const clock = runningClock(true);
    clock.follow({ positionMs: 1_000, heardAtMs: 5_010, moving: false });
    expect(clock.soundLeads).toBe(false);
  });

  it('stands where the sound starves', () => {
    const clock = runningClock(true);
    clock.follow({ positionMs: 1_000, heardAtMs: 5_000, moving: true });
    clock.follow({ positionMs: 1_500, heardAtMs: 5_500, moving: false });
    expect(clock.positionMs(5_600)).toBe(1_500);
    expect(clock.positionMs(9_000)).toBe(1_500);
  });

  it('never passes the end of what is counted, and goes on from there', () => {
    const clock = new PlayClock();
    clock.begin(1_900, 2_000);
    clock.run(0, false);
    expect(clock.positionMs(500)).toBe(2_000);
    clock.setLimit(4_000);
    expect(clock.positionMs(520)).toBe(2_020);
  });

  it('never goes backwards between two beginnings', () => {
    const clock = runningClock(true);
    clock.follow({ positionMs: 1_000, heardAtMs: 5_000, moving: true });
    expect(clock.positionMs(5_300)).toBe(1_300);
    clock.follow({ positionMs: 1_250, heardAtMs: 5_300, moving: true });
    expect(clock.positionMs(5_310)).toBe(1_300);
    clock.begin(200, FAR_MS);
    expect(clock.positionMs(5_320)).toBe(200);
  });

  it('goes on by time from the same place when the device is lost', () => {
    const clock = runningClock(true);
    clock.follow({ positionMs: 1_000, heardAtMs: 5_000, moving: true });
    clock.loseSound(5_400);
    expect(clock.positionMs(5_500)).toBe(1_500);
    expect(clock.soundLeads).toBe(false);
  });

  it('CARD-3: runs faster and slower from the place where it stands, by time and by sound', () => {
    const clock = runningClock(false);
    clock.setRate(5_100, 2);
    expect(clock.positionMs(5_200)).toBe(1_300);
    clock.setRate(5_200, 0.5);
    expect(clock.positionMs(5_300)).toBe(1_350);
    const led = runningClock(true);
    led.follow({ positionMs: 1_000, heardAtMs: 5_000, moving: true });
    led.setRate(5_100, 2);
    expect(led.heardMs(5_200)).toBe(1_300);
    led.follow({ positionMs: 1_400, heardAtMs: 5_250, moving: true });
    expect(led.positionMs(5_300)).toBe(1_500);
  });

  it('keeps the place it was held at', () => {
    const clock = runningClock(false);
    clock.hold(5_100);
    expect(clock.positionMs(9_000)).toBe(1_100);
    clock.run(9_000, false);
    expect(clock.positionMs(9_010)).toBe(1_110);
  });
});
