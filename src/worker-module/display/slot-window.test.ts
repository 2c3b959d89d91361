// The window of prepared frames: what is wanted, and that every frame comes to exactly one outcome.

import { describe, expect, it } from 'vitest';
import { FareboxError } from '../../protocol/errors.ts';
import type { PreparedFrame } from '../frame-gateway.ts';
import { SlotWindow } from './slot-window.ts';

type Outcome = readonly [frame: number, outcome: 'counted' | 'counted late' | 'withheld'];

function preparedFrame(frame: number, outcomes: Outcome[]): PreparedFrame {
  return {
    frame,
    rung: 'video/360p',
    parts: new Map(),
    replay: false,
    count: async ({ late }) => {
      outcomes.push([frame, late ? 'counted late' : 'counted']);
    },
    withhold: async () => {
      outcomes.push([frame, 'withheld']);
    },
  };
}

async function windowWith(frames: readonly number[]): Promise<{ window: SlotWindow; outcomes: Outcome[] }> {
  const outcomes: Outcome[] = [];
  const window = new SlotWindow(10);
  for (const frame of frames) await window.accept(preparedFrame(frame, outcomes), 0);
  return { window, outcomes };
}

describe('the window of frames', () => {
  it('BT-4: wants the frame that plays and two more, at most to the end', async () => {
    const { window } = await windowWith([]);
    expect(window.wanted(2)).toEqual([0, 1, 2]);
    window.advance(8);
    expect(window.wanted(2)).toEqual([8, 9]);
  });

  it('BT-4: does not ask again for a frame it holds', async () => {
    const { window } = await windowWith([1]);
    expect(window.wanted(2)).toEqual([0, 2]);
  });

  it('BT-4: withholds a frame beyond the window, and one it holds already', async () => {
    const { window, outcomes } = await windowWith([0]);
    expect(await window.accept(preparedFrame(7, outcomes), 0)).toBeNull();
    expect(await window.accept(preparedFrame(0, outcomes), 0)).toBeNull();
    expect(outcomes).toEqual([
      [7, 'withheld'],
      [0, 'withheld'],
    ]);
  });

  it('BT-4: a move withholds what is not due there, keeps what is, and forgets what was counted', async () => {
    const { window, outcomes } = await windowWith([0, 1, 2]);
    const first = window.at(0);
    if (first === undefined) throw new Error('frame 0 was not accepted');
    await window.count(first, false);
    await window.moveTo(2)();
    expect(outcomes).toEqual([
      [0, 'counted'],
      [1, 'withheld'],
    ]);
    expect(window.wanted(2)).toEqual([3, 4]);
    await window.moveTo(0)();
    expect(window.wanted(2)).toEqual([0, 1]);
  });

  it('BT-4: clearing withholds every held frame once and no counted one', async () => {
    const { window, outcomes } = await windowWith([0, 1]);
    const first = window.at(0);
    if (first === undefined) throw new Error('frame 0 was not accepted');
    await window.count(first, true);
    await window.clear();
    await window.clear();
    expect(outcomes).toEqual([
      [0, 'counted late'],
      [1, 'withheld'],
    ]);
  });

  it('BT-4: a broken frame is withheld once and not asked for again', async () => {
    const { window, outcomes } = await windowWith([0]);
    const first = window.at(0);
    if (first === undefined) throw new Error('frame 0 was not accepted');
    await window.breakUp(first);
    await window.clear();
    expect(outcomes).toEqual([[0, 'withheld']]);
  });
});

describe('a record that refuses to count', () => {
  it('BT-4: leaves the frame unshown and makes way at the next move', async () => {
    const outcomes: Outcome[] = [];
    const window = new SlotWindow(10);
    const refused = new FareboxError('store/full');
    const count = () => Promise.reject(refused);
    const slot = await window.accept({ ...preparedFrame(0, outcomes), count }, 0);
    if (slot === null) throw new Error('frame 0 was not accepted');
    await expect(window.count(slot, false)).rejects.toBe(refused);
    await slot.counting;
    expect(slot.state).toBe('refused');
    await window.moveTo(0)();
    expect(window.wanted(2)).toEqual([0, 1, 2]);
    expect(outcomes).toEqual([]);
  });
});
