// How many PINs may be typed (docs/protocol.md §24, MC-5): 30 in any 24 hours, right or wrong, since nobody here can tell which. Pure.

import { FareboxError } from '../../protocol/errors.ts';
import { MODULE_LIMITS } from '../limits.ts';

/**
 * The tries of the last day at `now`, ascending, all in ms. One that lies ahead, since the clock was set back, is taken for one of this moment: that
 * gives none back, and one made while the clock was years ahead is over in a day all the same.
 */
export function triesOfDay(triedTimes: readonly number[], now: number): readonly number[] {
  return triedTimes
    .map((time) => Math.min(time, now))
    .filter((time) => now - time < MODULE_LIMITS.pinTriesMs)
    .sort((left, right) => left - right);
}

/** Until when no PIN is taken, ms, or null where one is. `tries`: as `triesOfDay` gives them. */
export function refusedUntil(tries: readonly number[]): number | null {
  const [oldest] = tries.slice(-MODULE_LIMITS.pinTries);
  return oldest === undefined || tries.length < MODULE_LIMITS.pinTries ? null : oldest + MODULE_LIMITS.pinTriesMs;
}

/** The refusal, `keys/too-many`, with `untilTime`. */
export function tooMany(untilTime: number): FareboxError {
  return new FareboxError('keys/too-many', { untilTime });
}
