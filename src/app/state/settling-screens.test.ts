// What the screens put off while a programme is being opened, and that it is put off no longer than that.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PLAYER_AT_REST, type PlayerState } from '../../player/player-state.ts';
import { createStore } from '../../player/store.ts';
import { calmForScreens } from './calm-store.ts';
import { whenSettled } from './when-settled.ts';

function playing(changes: Partial<PlayerState> = {}) {
  const state = createStore<PlayerState>({ ...PLAYER_AT_REST, ...changes });
  return { state, change: (next: Partial<PlayerState>) => state.set({ ...state.getSnapshot(), ...next }) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the screens hear of the player', () => {
  it('once for many changes while a programme is being opened, and see the newest', () => {
    const { state, change } = playing({ phase: 'opening' });
    const calm = calmForScreens(state);
    const seen: number[] = [];
    calm.subscribe(() => seen.push(calm.getSnapshot().positionMs));
    for (const positionMs of [1, 2, 3]) change({ positionMs });
    expect(calm.getSnapshot().positionMs).toBe(3);
    expect(seen).toEqual([]);
    vi.runAllTimers();
    expect(seen).toEqual([3]);
  });

  it('at once of the first picture, of a failure, and of what changes after it', () => {
    for (const change of [{ pictureShown: true }, { phase: 'failed' as const }]) {
      const world = playing({ phase: 'waiting' });
      const heard = vi.fn();
      calmForScreens(world.state).subscribe(heard);
      world.change({ positionMs: 1 });
      world.change(change);
      expect(heard).toHaveBeenCalledTimes(1);
      world.change({ trouble: 'network/offline' });
      expect(heard).toHaveBeenCalledTimes(2);
      vi.runAllTimers();
      expect(heard).toHaveBeenCalledTimes(2);
    }
  });

  it('once a second of the place while it plays, and see where it stands whenever they look', () => {
    const { state, change } = playing({ phase: 'playing', pictureShown: true, positionMs: 1_000 });
    const calm = calmForScreens(state);
    const heard: number[] = [];
    calm.subscribe(() => heard.push(calm.getSnapshot().positionMs));
    const statistics = { picturesDrawn: 1, picturesDropped: 0, soundOffsetMs: null };
    for (const positionMs of [1_250, 1_500, 1_750, 2_000, 2_250]) change({ positionMs, statistics });
    expect(heard).toEqual([2_000]);
    expect(calm.getSnapshot().positionMs).toBe(2_250);
    change({ positionMs: 1_500 });
    expect(heard).toEqual([2_000, 1_500]);
  });

  it('of a seek when its picture is there, once, and of what a person sets meanwhile at once', () => {
    const { state, change } = playing({ phase: 'playing', pictureShown: true, positionMs: 1_000 });
    const heard = vi.fn();
    calmForScreens(state).subscribe(heard);
    change({ phase: 'waiting', positionMs: 60_000 });
    change({ buffered: [[30, 31]] });
    expect(heard).not.toHaveBeenCalled();
    change({ volume: 0.25 });
    expect(heard).toHaveBeenCalledTimes(1);
    change({ firstPictures: 1 });
    change({ phase: 'playing' });
    expect(heard).toHaveBeenCalledTimes(2);
    vi.runAllTimers();
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it('of a seek whose picture is long in coming all the same', () => {
    const { state, change } = playing({ phase: 'playing', pictureShown: true, positionMs: 1_000 });
    const heard = vi.fn();
    calmForScreens(state).subscribe(heard);
    change({ phase: 'waiting', positionMs: 60_000 });
    vi.runAllTimers();
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('not at all once they have left', () => {
    const { state, change } = playing({ phase: 'opening' });
    const heard = vi.fn();
    const leave = calmForScreens(state).subscribe(heard);
    change({ positionMs: 1 });
    leave();
    vi.runAllTimers();
    expect(heard).not.toHaveBeenCalled();
  });
});

describe('what may wait until a programme is open', () => {
  it('is done at once where none is being opened', () => {
    const then = vi.fn();
    whenSettled(playing(), then);
    whenSettled(playing({ phase: 'waiting', pictureShown: true }), then);
    expect(then).toHaveBeenCalledTimes(2);
  });

  it.each([{ pictureShown: true }, { phase: 'failed' as const }, { phase: 'idle' as const }])(
    'is done once with %j',
    (next) => {
      const { state, change } = playing({ phase: 'opening' });
      const then = vi.fn();
      whenSettled({ state }, then);
      change({ positionMs: 1 });
      expect(then).not.toHaveBeenCalled();
      change(next);
      vi.runAllTimers();
      expect(then).toHaveBeenCalledTimes(1);
    },
  );

  it('is done without a picture, too, in the end', () => {
    const then = vi.fn();
    whenSettled(playing({ phase: 'opening' }), then);
    vi.runAllTimers();
    expect(then).toHaveBeenCalledTimes(1);
  });
});
