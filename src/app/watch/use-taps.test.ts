// Which part of the picture a finger meant.

import { describe, expect, it } from 'vitest';
import { sideOf } from './use-taps.ts';

describe('CARD-3: a tap on the picture', () => {
  it.each([
    [100, -1],
    [249, -1],
    [251, 0],
    [399, 0],
    [401, 1],
    [550, 1],
  ])('at %i of a picture from 100 to 550 is on side %i', (x, side) => {
    expect(sideOf(x, { left: 100, width: 450 })).toBe(side);
  });
});
