// Keeps the pictures on the air from running away from the sound: a machine that is too slow for both leaves pictures out, and the sound stays
// whole. The sound pump says how far it is; the picture pump asks before each picture.

import { setTimeout as sleep } from 'node:timers/promises';
import { LIVE_LIMITS } from './limits.ts';

/** How far the sound is. Times are microseconds since the source began. */
export type SoundLead = {
  /** The sound is known up to that time: what comes next lies there or later. */
  readonly came: (timeUs: number) => void;
  /** No more sound comes. */
  readonly end: () => void;
  /** Waits until a picture of that time is not far ahead of the sound; not for sound that has ended, or that stands still because its source does. */
  readonly wait: (timeUs: number) => Promise<void>;
};

/** @param stopped ends every wait. @param nowMs any clock that only goes forward. */
export function makeSoundLead(stopped: AbortSignal, nowMs: () => number = () => performance.now()): SoundLead {
  let reachedUs = 0;
  let cameMs = nowMs();
  const isBehind = (timeUs: number): boolean => timeUs - reachedUs > LIVE_LIMITS.soundLeadUs;
  const stands = (): boolean => nowMs() - cameMs > LIVE_LIMITS.soundStandsMs;
  return {
    came: (timeUs) => {
      reachedUs = Math.max(reachedUs, timeUs);
      cameMs = nowMs();
    },
    end: () => {
      reachedUs = Number.POSITIVE_INFINITY;
    },
    wait: async (timeUs) => {
      while (!stopped.aborted && isBehind(timeUs) && !stands()) {
        await sleep(LIVE_LIMITS.soundLookMs, undefined, { signal: stopped }).catch(() => undefined);
      }
    },
  };
}
