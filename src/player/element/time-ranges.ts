// Stretches of time as a media element shows them. Pure.

import type { Stretch } from './player-link.ts';

/** TimeRanges of HTML §4.8.11.14: seconds, in order, apart from each other. `start` and `end` throw IndexSizeError beyond the last. */
export type SecondRanges = {
  readonly length: number;
  start(index: number): number;
  end(index: number): number;
};

/** The ranges of `stretches`, which are put in order and joined where they touch. */
export function secondRangesOf(stretches: readonly Stretch[]): SecondRanges {
  const ranges: [number, number][] = [];
  for (const [fromMs, toMs] of stretches.toSorted((one, other) => one[0] - other[0])) {
    const last = ranges.at(-1);
    if (toMs <= fromMs) continue;
    if (last !== undefined && fromMs <= last[1]) last[1] = Math.max(last[1], toMs);
    else ranges.push([fromMs, toMs]);
  }
  const at = (index: number, side: 0 | 1): number => {
    const range = ranges[index];
    if (range === undefined) throw new DOMException(`There is no range ${index}.`, 'IndexSizeError');
    return range[side] / 1000;
  };
  return Object.freeze({
    length: ranges.length,
    start: (index: number) => at(index, 0),
    end: (index: number) => at(index, 1),
  });
}
