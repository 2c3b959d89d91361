// The words of contracts and claims.

import { expect, test } from 'vitest';
import { sayContract, sayFrames } from './contract-words.ts';

const PROMISED = {
  slotsPerMinute: 30,
  longestStallMs: 1_500,
  leastRung: 'video/720p',
  refunds: { late: 500, lost: 1_000, stall: 0, rung: 255 },
};

test('BT-9: a contract is said in plain words, with what is paid back for what', () => {
  expect(sayContract(PROMISED)).toEqual([
    'Each frame is sent within 2 s of being asked for.',
    'Play stands still for 1.5 s at most.',
    'The picture is 720p or better.',
    'Paid back: 50 % of its price for a frame late, 100 % of its price for a frame lost, 25.5 % of its price for a frame below that quality.',
  ]);
});

test('BT-9: what is not promised is not said', () => {
  const refunds = { late: 0, lost: 0, stall: 0, rung: 300 };
  expect(sayContract({ ...PROMISED, leastRung: '', refunds })).toEqual([
    'Each frame is sent within 2 s of being asked for.',
    'Play stands still for 1.5 s at most.',
    'Nothing is paid back where that is broken.',
  ]);
});

test('frames are counted from 1, as people do', () => {
  expect([sayFrames(0, 1), sayFrames(4, 9)]).toEqual(['frame 1', 'frames 5 to 9']);
});
