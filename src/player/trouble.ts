// What a piece of trouble is about, by its code: decides how long the player speaks of it. Pure; called by player.ts.

import type { FareboxErrorCode } from '../protocol/errors.ts';

/** Trouble with one piece of the programme, which is past when play is. */
export function isAboutMedia(code: FareboxErrorCode | null): boolean {
  return code !== null && ['frame/', 'captions/', 'previews/'].some((area) => code.startsWith(area));
}
