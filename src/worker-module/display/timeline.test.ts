// Where a live programme ends for the display, BT-10: nowhere while it goes on, and behind its last frame once it has ended.

import { describe, expect, test } from 'vitest';
import { makeCast } from '../../protocol/vectors/cast.ts';
import { makeLiveCast } from '../../protocol/vectors/live.ts';
import { SlotWindow } from './slot-window.ts';
import { Timeline } from './timeline.ts';

const { manifest } = await makeLiveCast(await makeCast());

describe('BT-10: the timeline of a live programme', () => {
  test('goes on as far as it may, until its end is known', () => {
    let end: number | null = null;
    const timeline = new Timeline(manifest, () => end);
    expect([timeline.frameCount, timeline.endMs, timeline.endOf(7)]).toEqual([8, 16_000, 16_000]);
    expect(timeline.frameAt(15_999)).toBe(7);
    end = 3;
    expect([timeline.frameCount, timeline.endMs, timeline.clampMs(9_000)]).toEqual([3, 6_000, 6_000]);
    expect(timeline.frameAt(15_999)).toBe(2);
  });

  test('has no frames wanted behind its end', () => {
    const window = new SlotWindow(8);
    window.advance(2);
    expect(window.wanted(3)).toEqual([2, 3, 4, 5]);
    window.endAt(4);
    expect(window.wanted(3)).toEqual([2, 3]);
    window.advance(4);
    expect(window.wanted(3)).toEqual([]);
  });
});
