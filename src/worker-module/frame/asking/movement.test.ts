// A frame that moves under the mouse, told from a mouse that moves over the frame.

import { describe, expect, it } from 'vitest';
import { type MousePlace, movedApart } from './movement.ts';

const HERE: MousePlace = { screenX: 500, screenY: 400, clientX: 200, clientY: 100 };

/** The place after so many pixels over the screen and over the frame, along x. */
const placeAfter = (screenPx: number, framePx: number): MousePlace => ({
  ...HERE,
  screenX: HERE.screenX + screenPx,
  clientX: HERE.clientX + framePx,
});

describe('a mouse over the frame', () => {
  it.each([
    ['rests', 0, 0],
    ['goes a pixel', 1, 1],
    ['goes far', 300, 300],
    ['goes back', -300, -300],
    ['goes over a page zoomed to 500 %', 500, 100],
    ['goes over a page zoomed to 25 %', 25, 100],
    ['goes a little over a page zoomed to 25 %', 1, 4],
  ])('CARD-3: that %s is no movement of the frame', (_what, screenPx, framePx) => {
    expect(movedApart(HERE, placeAfter(screenPx, framePx))).toBe(false);
  });

  it.each([
    ['jumps under a mouse at rest', 0, 40],
    ['jumps under a hand that trembles', 2, -120],
    ['runs along with the mouse', 60, 0],
    ['runs faster than the mouse', 30, -30],
  ])('CARD-3: a frame that %s has moved, along either axis', (_what, screenPx, framePx) => {
    const there = placeAfter(screenPx, framePx);
    expect(movedApart(HERE, there)).toBe(true);
    const turned = ({ screenX, screenY, clientX, clientY }: MousePlace): MousePlace => ({
      screenX: screenY,
      screenY: screenX,
      clientX: clientY,
      clientY: clientX,
    });
    expect(movedApart(turned(HERE), turned(there))).toBe(true);
  });
});
