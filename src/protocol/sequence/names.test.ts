// Names of sequence functions, and what a person may choose: BT-6.

import { describe, expect, test } from 'vitest';
import { LIMITS } from '../limits.ts';
import { decodeSequenceChoice, isWeakSequence, mayChooseSequence, runsForwards } from './names.ts';

const FITTING = { frameCount: LIMITS.logisticFrames, isLive: false };

describe('BT-6: a choice of the sequence function', () => {
  test('is the logistic map, or none for that of the programme', () => {
    expect(decodeSequenceChoice('logistic', FITTING)).toBe('logistic');
    expect(decodeSequenceChoice(null, FITTING)).toBeNull();
  });

  test.each(['tree', 'hkdf', 'lorenz', '', 'Logistic', '__proto__'])('cannot be %j', (name) => {
    expect(() => decodeSequenceChoice(name, FITTING)).toThrow('sequence/unknown');
  });

  test.each([
    ['a live programme', { ...FITTING, isLive: true }],
    ['more frames than one grant under it may have', { ...FITTING, frameCount: LIMITS.logisticFrames + 1 }],
  ])('is not there for %s', (_, programme) => {
    expect(mayChooseSequence(programme)).toBe(false);
    expect(() => decodeSequenceChoice('logistic', programme)).toThrow('sequence/not-covered');
    expect(decodeSequenceChoice(null, programme)).toBeNull();
  });

  test('is weak where it is the logistic map, and never the default: what programmes are published with is not', () => {
    expect((['tree', 'hkdf', 'logistic'] as const).filter(isWeakSequence)).toEqual(['logistic']);
    expect((['tree', 'hkdf', 'logistic'] as const).filter((sequence) => runsForwards({ sequence }))).toEqual([
      'logistic',
    ]);
  });
});
