// The stall of one frame: what counts, what a person's hold takes out, where it ends.

import { expect, test } from 'vitest';
import { StallMeter } from './stall-meter.ts';

test('BT-9: a stall lasts from when play stands still until it goes on', () => {
  const stall = new StallMeter();
  expect([stall.isRunning, stall.end(5_000)]).toEqual([false, 0]);
  stall.begin(10_000);
  stall.begin(10_400);
  expect([stall.isRunning, stall.atMs(10_500), stall.atMs(9_000)]).toEqual([true, 500, 0]);
  expect(stall.end(11_200)).toBe(1_200);
  expect([stall.isRunning, stall.end(12_000)]).toEqual([false, 0]);
});

test('BT-9: the time in which the person holds play is no part of a stall', () => {
  const stall = new StallMeter();
  stall.begin(1_000);
  stall.hold(1_300);
  stall.hold(60_000);
  expect([stall.isRunning, stall.atMs(60_000)]).toEqual([false, 300]);
  stall.begin(60_000);
  expect(stall.end(60_700)).toBe(1_000);
});
