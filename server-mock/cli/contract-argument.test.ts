// The promise of a provider as it is typed.

import { expect, test } from 'vitest';
import { UsageError } from './command.ts';
import { DEFAULT_CONTRACT, readContract } from './contract-argument.ts';

test('BT-9: a contract is read from words, in per cent of the price', () => {
  expect(readContract('default')).toBe(DEFAULT_CONTRACT);
  expect(readContract('late=50, lost=100,rung=5,slots=60,longest-stall=0,least-rung=720p')).toEqual({
    slotsPerMinute: 60,
    longestStallMs: 0,
    leastRung: 'video/720p',
    refunds: { late: 500, lost: 1_000, stall: 0, rung: 50 },
  });
});

test.each(['', 'late', 'late=x', 'late=1001', 'late=-1', 'slots=0', 'early=5', 'late=5,late=6', 'least-rung=best'])(
  'BT-9: `%s` is no contract',
  (text) => {
    expect(() => readContract(text)).toThrow(UsageError);
  },
);
