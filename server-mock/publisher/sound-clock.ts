// Where the samples of a source's sound go on the programme's clock: silence for what is missing, overlaps left out. Pure;
// encode-sound.ts drives it. Positions are whole samples at the source's rate, counted from the programme's start.

import { PUBLISH_LIMITS } from './limits.ts';

/** What to do with one run of samples before it is resampled. */
export type SoundPlacement = {
  /** Samples of silence to put before it. */
  readonly silence: number;
  /** Samples to leave out at its beginning; the whole run where it came too late. */
  readonly skip: number;
};

/** State of the clock while runs of samples are offered in order. */
export type SoundClock = {
  /** @param timeUs where the run says it starts; @param samples its length. */
  readonly place: (timeUs: number, samples: number) => SoundPlacement;
};

/**
 * @param sampleRate rate of the source.
 * @param startUs where the sound begins on the programme's clock, 0 or later: nothing before it is kept.
 */
export function makeSoundClock(sampleRate: number, startUs: number): SoundClock {
  const toSamples = (timeUs: number): number => Math.round((timeUs * sampleRate) / 1_000_000);
  const jitter = toSamples(PUBLISH_LIMITS.soundJitterUs);
  let next = toSamples(startUs);
  return {
    place: (timeUs, samples) => {
      const distance = toSamples(timeUs) - next;
      const silence = distance > jitter ? distance : 0;
      const skip = distance < -jitter ? Math.min(samples, -distance) : 0;
      next += silence + samples - skip;
      return { silence, skip };
    },
  };
}
