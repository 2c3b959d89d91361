// Whether a programme that is being opened has come to its first picture. What nobody needs before it is drawn after it: on a small machine
// drawing the screen takes as much of the processor as opening, decoding and counting do.

import { useEffect, useState } from 'react';
import type { PlayerState } from '../../player/player-state.ts';

/** The longest that anything waits for the first picture. */
const LONGEST_MS = 1_000;

/** True once the picture is shown, where none is to be expected, and in any case after a second. */
export function useSettled({ programmeId: opened, pictureShown }: PlayerState, programmeId: string | null): boolean {
  const [late, setLate] = useState(false);
  const willOpen = opened === null && (navigator.userActivation?.hasBeenActive ?? false);
  const isOpening = opened === programmeId && opened !== null ? !pictureShown : willOpen;
  useEffect(() => {
    setLate(false);
    if (!isOpening) return;
    const timer = setTimeout(() => setLate(true), LONGEST_MS);
    return () => clearTimeout(timer);
  }, [isOpening]);
  return late || !isOpening;
}
