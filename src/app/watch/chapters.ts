// Which chapter a place of a programme lies in. Pure.

import type { ProgrammeMeasures } from '../../player/player-state.ts';

/** One chapter. */
export type Chapter = ProgrammeMeasures['chapters'][number];

/** The chapter that a place lies in; null before the first one, and where there are none. */
export function chapterAt(chapters: readonly Chapter[], positionMs: number): Chapter | null {
  return chapters.findLast(({ startMs }) => startMs <= positionMs) ?? null;
}
