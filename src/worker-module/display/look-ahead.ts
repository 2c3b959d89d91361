// How far before its time a frame of a show is to be counted, and when play stands still for want of it. Pure; asked by show.ts.

import { DISPLAY_LIMITS } from './display-limits.ts';

/** The sound of a show as far as it matters here; null for a silent one. */
type Sound = { readonly isStarved: boolean } | null;

/** Sound that is stretched ends before what is counted does: the next frame has to be counted by then. Milliseconds of the programme. */
export function countAheadMs(rate: number, sound: Sound): number {
  return DISPLAY_LIMITS.countAheadMs * Math.max(1, rate) + stretchTailMs(rate, sound);
}

/** How near to the end of what is counted play stands still: sound that has run dry just before it says so earlier. */
export function stallSlackMs(rate: number, sound: Sound): number {
  return sound?.isStarved === true ? DISPLAY_LIMITS.starvedSlackMs + stretchTailMs(rate, sound) : 0;
}

function stretchTailMs(rate: number, sound: Sound): number {
  return rate === 1 || sound === null ? 0 : DISPLAY_LIMITS.stretchTailMs;
}
