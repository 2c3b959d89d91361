// Which PINs are told to be easy to guess: a hint, so that what is checked is that it says so of the usual ones and of few others.

import { expect, test } from 'vitest';
import { LIMITS } from '../../../protocol/limits.ts';
import { FRAME_LIMITS } from '../frame-limits.ts';
import { isOftenTried } from './pin-hint.ts';

const OFTEN = ['0000', '1111', '999999', '1234', '123456', '4321', '7890', '9012', '1212', '123123', '470470', '1987'];
const SELDOM = ['4713', '2718', '8302', '90217', '470319', '1357', '8265', '31415926'];

test.each([...OFTEN, '2026', '2580', '147258'])('MC-5: %s is told to be easy to guess', (pin) => {
  expect(isOftenTried(pin)).toBe(true);
});

test.each(SELDOM)('MC-5: %s is not', (pin) => {
  expect(isOftenTried(pin)).toBe(false);
});

test('MC-5: fewer than one in twenty PINs of four digits is told to be', () => {
  const all = Array.from({ length: 10_000 }, (_, number) => String(number).padStart(4, '0'));
  const told = all.filter(isOftenTried).length;
  expect(told).toBeGreaterThan(100);
  expect(told).toBeLessThan(500);
});

test('MC-5: the window takes the PINs that the protocol has', () => {
  expect([FRAME_LIMITS.pinMinDigits, FRAME_LIMITS.pinMaxDigits]).toEqual([LIMITS.pinMinDigits, LIMITS.pinMaxDigits]);
});
