// Where the pictures of a source go on the programme's clock: which are kept, which begin a slot, and where the one before is
// shown again so that no slot begins empty. Pure; encode-pictures.ts drives it. All times are integer microseconds.

import { PUBLISH_LIMITS } from './limits.ts';

/** One picture to encode. */
export type Placement = {
  /** Start on the programme's clock. */
  readonly atUs: number;
  /** `this`: the picture just offered; `previous`: the one kept before it, shown again. */
  readonly picture: 'this' | 'previous';
  /** True for the first of a slot: it is encoded as a key frame. */
  readonly opensSlot: boolean;
};

/** Slot of the programme a time is in. */
export const slotAt = (timeUs: number): number => Math.floor(timeUs / (PUBLISH_LIMITS.slotMs * 1000));

/** Start of a slot. */
export const slotStartUs = (slot: number): number => slot * PUBLISH_LIMITS.slotMs * 1000;

/** State of the clock while pictures are offered in order. */
export type PictureClock = {
  /** Where the picture that starts at `timeUs` goes; empty when it is dropped (too dense, or past the end). */
  readonly place: (timeUs: number) => readonly Placement[];
  /** Repeats of the last picture for the slots that remain; after it nothing may be placed. */
  readonly finish: () => readonly Placement[];
};

/** @param endUs end of the programme: nothing is placed at it or later. */
export function makePictureClock(endUs: number): PictureClock {
  let lastUs = -1;

  const put = (atUs: number, picture: Placement['picture']): Placement => {
    const opensSlot = lastUs < 0 || slotAt(atUs) !== slotAt(lastUs);
    lastUs = atUs;
    return { atUs, picture, opensSlot };
  };

  /** Repeats for every slot start between the last picture and `untilUs` that would stay empty for too long. */
  const hold = (untilUs: number, patienceUs: number): Placement[] => {
    const held: Placement[] = [];
    for (;;) {
      const startUs = slotStartUs(slotAt(lastUs) + 1);
      if (untilUs - startUs < patienceUs) return held;
      held.push(put(startUs, 'previous'));
    }
  };

  return {
    place: (timeUs) => {
      // The first picture is shown from the start: a programme that begins with sound alone would begin with nothing to draw.
      if (lastUs < 0) return endUs > 0 ? [put(0, 'this')] : [];
      if (timeUs - lastUs < PUBLISH_LIMITS.pictureGapUs || timeUs >= endUs) return [];
      return [...hold(timeUs, PUBLISH_LIMITS.latePictureUs), put(timeUs, 'this')];
    },
    finish: () => (lastUs < 0 ? [] : hold(endUs, 1)),
  };
}
