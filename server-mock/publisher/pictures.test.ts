// Where pictures go on the programme's clock.

import { expect, test } from 'vitest';
import { makePictureClock, type Placement, slotAt } from './pictures.ts';

const MILLI = 1_000;
const SLOT = 2_000 * MILLI;

function placeAll(endUs: number, times: readonly number[]): Placement[] {
  const clock = makePictureClock(endUs);
  return [...times.flatMap((time) => clock.place(time)), ...clock.finish()];
}

test('BT-1: steady pictures keep their times and each slot begins with one that can be decoded alone', () => {
  const times = Array.from({ length: 120 }, (_, index) => Math.round((index * 1e6) / 30));
  const placed = placeAll(2 * SLOT, times);
  expect(placed.map((placement) => placement.atUs)).toEqual(times);
  expect(placed.filter((placement) => placement.opensSlot).map((placement) => placement.atUs)).toEqual([0, SLOT]);
});

test('BT-1: a picture that lasts over several slots is shown again at the beginning of each', () => {
  const placed = placeAll(4 * SLOT, [0, 3.5 * SLOT]);
  expect(placed.map(({ atUs, picture }) => [atUs / SLOT, picture])).toEqual([
    [0, 'this'],
    [1, 'previous'],
    [2, 'previous'],
    [3, 'previous'],
    [3.5, 'this'],
  ]);
  expect(placed.filter((placement) => placement.opensSlot)).toHaveLength(4);
});

test('BT-1: a slot whose first picture is a little late begins with that picture', () => {
  const placed = placeAll(2 * SLOT, [0, SLOT - 30 * MILLI, SLOT + 10 * MILLI]);
  expect(placed.map((placement) => placement.atUs)).toEqual([0, SLOT - 30 * MILLI, SLOT + 10 * MILLI]);
  expect(placed.at(-1)?.opensSlot).toBe(true);
});

test('BT-1: pictures that begin late are shown from the start of the programme', () => {
  expect(placeAll(SLOT, [700 * MILLI])[0]).toEqual({ atUs: 0, picture: 'this', opensSlot: true });
});

test('BT-1: pictures denser than sixty a second are thinned out', () => {
  const times = Array.from({ length: 240 }, (_, index) => Math.round((index * 1e6) / 120));
  expect(placeAll(SLOT, times)).toHaveLength(120);
});

test('BT-1: nothing is placed at the end of the programme or after it', () => {
  expect(placeAll(SLOT, [0, SLOT, SLOT + MILLI]).map((placement) => placement.atUs)).toEqual([0]);
});

test('BT-1: slots without a picture at the end are filled with the last one', () => {
  expect(placeAll(3 * SLOT, [0]).map((placement) => slotAt(placement.atUs))).toEqual([0, 1, 2]);
});
