// The guard of the approving button, by events: what opens it, and that every break closes it for another half second.

import { beforeEach, describe, expect, it } from 'vitest';
import { FRAME_LIMITS } from '../frame-limits.ts';
import { type Hindrance, makePressGuard, type PressGuard } from './press-guard.ts';

const START_MS = 1_000;
const WHOLE = { ratio: 1, unobscured: true };
const ROOM = { widthPx: 600, heightPx: 400, scale: 1 };
const FINGER = { trusted: true, byPointer: true, button: 'yes' };
const SETTLED_MS = START_MS + FRAME_LIMITS.settleMs;

let guard: PressGuard;

/** Everything in order from the start on. */
function show(nowMs: number): void {
  guard.documentVisible(true, nowMs);
  guard.extent(ROOM, nowMs);
  guard.sight(WHOLE, nowMs);
  guard.endInView(true, nowMs);
}

/** A press of a pointer that begins and ends on the button. */
function pressAt(beginMs: number, endMs = beginMs): boolean {
  guard.begin({ trusted: true, button: 'yes' }, beginMs);
  return guard.press(FINGER, endMs);
}

beforeEach(() => {
  guard = makePressGuard(START_MS);
});

describe('the guard of the approving button', () => {
  it('CARD-3: opens after half a second in full sight, not a millisecond before', () => {
    show(START_MS);
    expect([guard.hindrance(START_MS), guard.settlesInMs(START_MS)]).toEqual(['settling', FRAME_LIMITS.settleMs]);
    expect(pressAt(SETTLED_MS - 1)).toBe(false);
    expect(guard.hindrance(SETTLED_MS)).toBeNull();
    expect(pressAt(SETTLED_MS)).toBe(true);
  });

  it('CARD-3: stays shut as long as nobody said that the surface can be seen', () => {
    guard.documentVisible(true, START_MS);
    guard.extent(ROOM, START_MS);
    guard.endInView(true, START_MS);
    expect(guard.hindrance(START_MS + 60_000)).toBe('unseen');
    expect(pressAt(START_MS + 60_000)).toBe(false);
  });

  const breaks: readonly (readonly [Hindrance, (nowMs: number) => void, (nowMs: number) => void])[] = [
    ['hidden', (at) => guard.documentVisible(false, at), (at) => guard.documentVisible(true, at)],
    ['covered', (at) => guard.sight({ ratio: 1, unobscured: false }, at), (at) => guard.sight(WHOLE, at)],
    ['outside', (at) => guard.sight({ ratio: 0.98, unobscured: true }, at), (at) => guard.sight(WHOLE, at)],
    ['small', (at) => guard.extent({ ...ROOM, widthPx: 279 }, at), (at) => guard.extent(ROOM, at)],
    ['small', (at) => guard.extent({ ...ROOM, heightPx: 159 }, at), (at) => guard.extent(ROOM, at)],
    [
      'small',
      (at) => guard.extent({ widthPx: 5_000, heightPx: 4_000, scale: 0.4 }, at),
      (at) => guard.extent(ROOM, at),
    ],
    ['small', (at) => guard.extent({ ...ROOM, widthPx: 400, scale: 0.6 }, at), (at) => guard.extent(ROOM, at)],
  ];
  it.each(breaks)('CARD-3: shuts when it is %s, and takes another half second after it', (name, close, open) => {
    show(START_MS);
    const closedMs = SETTLED_MS + 100;
    close(closedMs);
    expect(guard.hindrance(closedMs)).toBe(name);
    expect(pressAt(closedMs + 5)).toBe(false);
    open(closedMs + 10);
    expect(pressAt(closedMs + 10 + FRAME_LIMITS.settleMs - 1)).toBe(false);
    expect(pressAt(closedMs + 10 + FRAME_LIMITS.settleMs)).toBe(true);
  });

  it.each(breaks)('CARD-3: a press that began before it was %s does not count after it', (_name, close, open) => {
    show(START_MS);
    guard.begin({ trusted: true, button: 'yes' }, SETTLED_MS);
    close(SETTLED_MS + 10);
    open(SETTLED_MS + 20);
    expect(guard.press(FINGER, SETTLED_MS + 20 + FRAME_LIMITS.settleMs)).toBe(false);
  });

  it('CARD-3: a break within the half second starts it anew', () => {
    show(START_MS);
    guard.sight({ ratio: 1, unobscured: false }, START_MS + 400);
    guard.sight(WHOLE, START_MS + 450);
    expect(guard.hindrance(SETTLED_MS)).toBe('settling');
    expect(guard.hindrance(START_MS + 950)).toBeNull();
  });

  it('CARD-3: a frame that moved, or a keyboard that has just come, starts it anew', () => {
    show(START_MS);
    guard.disturbed(SETTLED_MS);
    expect(pressAt(SETTLED_MS + 499)).toBe(false);
    expect(pressAt(SETTLED_MS + 500)).toBe(true);
  });

  it('CARD-3: an event that no person made never counts, and does not use up the person’s own', () => {
    show(START_MS);
    guard.begin({ trusted: false, button: 'yes' }, SETTLED_MS);
    expect(guard.press({ ...FINGER, trusted: false }, SETTLED_MS)).toBe(false);
    guard.begin({ trusted: true, button: 'yes' }, SETTLED_MS);
    guard.begin({ trusted: false, button: 'no' }, SETTLED_MS);
    expect(guard.press({ ...FINGER, trusted: false }, SETTLED_MS)).toBe(false);
    expect(guard.press(FINGER, SETTLED_MS)).toBe(true);
  });

  it('CARD-3: a press has to begin and end on the same button', () => {
    show(START_MS);
    guard.begin({ trusted: true, button: null }, SETTLED_MS);
    expect(guard.press(FINGER, SETTLED_MS)).toBe(false);
    guard.begin({ trusted: true, button: 'other' }, SETTLED_MS);
    expect(guard.press(FINGER, SETTLED_MS)).toBe(false);
    expect(guard.press(FINGER, SETTLED_MS)).toBe(false);
    expect(pressAt(SETTLED_MS)).toBe(true);
  });

  it('CARD-3: a press that began in the first half second does not count when it ends after it', () => {
    show(START_MS);
    expect(pressAt(SETTLED_MS - 1, SETTLED_MS + 400)).toBe(false);
  });

  it('takes the press of a screen reader, which has no beginning', () => {
    show(START_MS);
    expect(guard.press({ ...FINGER, byPointer: false }, SETTLED_MS - 1)).toBe(false);
    expect(guard.press({ ...FINGER, byPointer: false }, SETTLED_MS)).toBe(true);
  });

  it('CARD-3: the surface that replaces another is seen and read anew before its button works', () => {
    show(START_MS);
    guard.begin({ trusted: true, button: 'yes' }, SETTLED_MS);
    guard.replaced(SETTLED_MS + 10);
    expect(guard.press(FINGER, SETTLED_MS + 10 + FRAME_LIMITS.settleMs)).toBe(false);
    expect(guard.hindrance(SETTLED_MS + 10 + FRAME_LIMITS.settleMs)).toBe('unread');
    guard.endInView(true, SETTLED_MS + 900);
    expect(pressAt(SETTLED_MS + 900)).toBe(true);
  });

  it('CARD-3: what is written has to be read to its end once, and a smaller window afterwards unreads nothing', () => {
    show(START_MS);
    guard.endInView(false, START_MS + 100);
    expect(guard.hindrance(SETTLED_MS)).toBe('unread');
    guard.endInView(true, SETTLED_MS + 100);
    guard.endInView(false, SETTLED_MS + 200);
    expect(guard.hindrance(SETTLED_MS + 200)).toBeNull();
  });

  it('CARD-3: what was scrolled through while it could not be seen was not read', () => {
    guard.documentVisible(true, START_MS);
    guard.extent(ROOM, START_MS);
    guard.sight({ ratio: 1, unobscured: false }, START_MS);
    guard.endInView(true, START_MS);
    guard.endInView(false, START_MS + 1_000);
    guard.sight(WHOLE, START_MS + 1_100);
    expect(guard.hindrance(START_MS + 1_700)).toBe('unread');
  });

  it('gives up a surface that cannot be seen, and not one that was', () => {
    show(START_MS);
    expect(guard.givenUp(START_MS + FRAME_LIMITS.unseenMs * 3)).toBe(false);
    const coveredMs = START_MS + FRAME_LIMITS.unseenMs * 3;
    guard.sight({ ratio: 1, unobscured: false }, coveredMs);
    expect(guard.givenUp(coveredMs + FRAME_LIMITS.unseenMs - 1)).toBe(false);
    expect(guard.givenUp(coveredMs + FRAME_LIMITS.unseenMs)).toBe(true);
  });

  it('CARD-3: gives up as well where a page flickers so that the half second never ends', () => {
    guard.documentVisible(true, START_MS);
    guard.extent(ROOM, START_MS);
    let nowMs = START_MS;
    for (; !guard.givenUp(nowMs); nowMs += 200) {
      expect(nowMs).toBeLessThanOrEqual(START_MS + FRAME_LIMITS.unseenMs);
      guard.sight({ ratio: 1, unobscured: nowMs % 400 === 0 }, nowMs);
    }
    expect(nowMs).toBe(START_MS + FRAME_LIMITS.unseenMs);
  });

  it('does not count the time in which the person is in another tab', () => {
    guard.documentVisible(true, START_MS);
    guard.documentVisible(false, START_MS + 1_000);
    expect(guard.givenUp(START_MS + 500_000)).toBe(false);
    guard.documentVisible(true, START_MS + 500_000);
    expect(guard.givenUp(START_MS + 500_000 + FRAME_LIMITS.unseenMs - 1_001)).toBe(false);
    expect(guard.givenUp(START_MS + 500_000 + FRAME_LIMITS.unseenMs - 1_000)).toBe(true);
  });
});
