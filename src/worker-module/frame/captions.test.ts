// Where a cue's box lies, and which way its language is written.

import { describe, expect, it } from 'vitest';
import { boxOf } from './captions.ts';
import { directionOf } from './text-direction.ts';

describe('a cue', () => {
  it.each([
    ['center', 50, { left: 0, width: 100 }],
    ['center', 20, { left: 0, width: 40 }],
    ['center', 100, { left: 80, width: 20 }],
    ['start', 30, { left: 30, width: 70 }],
    ['start', 100, { left: 80, width: 20 }],
    ['end', 60, { left: 0, width: 60 }],
    ['end', 0, { left: 0, width: 20 }],
  ] as const)('aligned to %s at %i has its box within the picture', (align, position, box) => {
    expect(boxOf({ align, position })).toEqual(box);
  });

  it.each([
    ['he', 'rtl'],
    ['ar-EG', 'rtl'],
    ['ur-Latn', 'auto'],
    ['pa-Arab', 'rtl'],
    ['de', 'auto'],
    ['', 'auto'],
  ])('in %s is written %s', (language, direction) => {
    expect(directionOf(language)).toBe(direction);
  });
});
