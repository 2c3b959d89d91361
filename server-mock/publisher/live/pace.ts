// The clock of a publisher on the air: nothing is encoded before its time has come, and what comes much too late is known as late.
// The pumps ask it before each picture and each run of samples.

import { setTimeout as sleep } from 'node:timers/promises';
import { LIVE_LIMITS } from './limits.ts';

/** Time on the air, microseconds since it began. */
export type Pace = {
  /** Waits until that time; false where the programme is stopped before. */
  readonly reach: (timeUs: number) => Promise<boolean>;
  /** True where that time is so long ago that nobody waits for it any more. */
  readonly isLate: (timeUs: number) => boolean;
};

/** @param untilUs the programme's end; @param stopped ends every wait. */
export function makePace(untilUs: number, stopped: AbortSignal): Pace {
  const beganMs = performance.now();
  const nowUs = (): number => (performance.now() - beganMs) * 1000;
  return {
    reach: async (timeUs) => {
      if (stopped.aborted || timeUs >= untilUs) return false;
      const aheadMs = (timeUs - nowUs()) / 1000;
      // Aborted in the middle of a wait is stopped like before it.
      if (aheadMs >= 1) await sleep(aheadMs, undefined, { signal: stopped }).catch(() => undefined);
      return !stopped.aborted;
    },
    isLate: (timeUs) => nowUs() - timeUs > LIVE_LIMITS.lateUs,
  };
}
