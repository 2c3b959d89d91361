// What a piece of trouble is about, by its code: decides how long the player speaks of it. Pure; called by player.ts.

import type { FareboxErrorCode } from '../protocol/errors.ts';
import type { ModuleEvent } from '../worker-module/events.ts';
import { PLAYER_LIMITS } from './limits.ts';

/** Trouble with one piece of the programme, which is past when play is. */
export function isAboutMedia(code: FareboxErrorCode | null): boolean {
  return code !== null && ['frame/', 'captions/', 'previews/'].some((area) => code.startsWith(area));
}

/** The failed frame came after all, or play is so far from it that the person has read of it. */
export function isOverWith(failedFrame: number, { frame, outcome }: Extract<ModuleEvent, { type: 'frame' }>): boolean {
  if (frame === failedFrame) return outcome !== 'withheld';
  return Math.abs(frame - failedFrame) > PLAYER_LIMITS.framesToRead;
}
