// Where sound goes on the programme's clock.

import { expect, test } from 'vitest';
import { makeSoundClock } from './sound-clock.ts';

const RATE = 48_000;
const SECOND = 1_000_000;

test('BT-1: sound that follows on is taken as it is, in spite of rounded times', () => {
  const clock = makeSoundClock(RATE, 0);
  expect(clock.place(0, RATE)).toEqual({ silence: 0, skip: 0 });
  expect(clock.place(SECOND + 900, RATE)).toEqual({ silence: 0, skip: 0 });
  expect(clock.place(2 * SECOND, RATE)).toEqual({ silence: 0, skip: 0 });
});

test('BT-1: a gap in the sound is filled with as much silence', () => {
  const clock = makeSoundClock(RATE, 0);
  clock.place(0, RATE);
  expect(clock.place(3 * SECOND, RATE)).toEqual({ silence: 2 * RATE, skip: 0 });
  expect(clock.place(4 * SECOND, RATE)).toEqual({ silence: 0, skip: 0 });
});

test('BT-1: sound that comes twice is kept once', () => {
  const clock = makeSoundClock(RATE, 0);
  clock.place(0, RATE);
  expect(clock.place(SECOND / 2, RATE)).toEqual({ silence: 0, skip: RATE / 2 });
  expect(clock.place(SECOND / 2, RATE / 4)).toEqual({ silence: 0, skip: RATE / 4 });
});

test('BT-1: sound before the beginning of the programme is left out', () => {
  const clock = makeSoundClock(RATE, 0);
  expect(clock.place(-SECOND / 2, RATE)).toEqual({ silence: 0, skip: RATE / 2 });
});
