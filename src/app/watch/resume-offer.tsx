// The offer to go on where a person stopped watching last time. Shown over the first seconds of the picture, and beside the button that begins.

import { useMemo } from 'react';
import { LEAST_PLACE_MS, rememberedPlace } from '../../player/comforts/remembered-place.ts';
import type { PlayerState } from '../../player/player-state.ts';
import { formatClock } from '../format.ts';
import { useTerminal } from '../terminal-context.tsx';
import { Button } from '../ui/button.tsx';
import styles from './resume-offer.module.css';

/** Beside the button that begins: opens there. */
export function ResumeStart({ programmeId }: { readonly programmeId: string }) {
  const { player } = useTerminal();
  const placeMs = usePlace(programmeId);
  if (placeMs === null) return null;
  return (
    <div className={styles.start}>
      <Button icon="play" onClick={() => player.open(programmeId, placeMs)}>
        Go on from {formatClock(placeMs)}
      </Button>
    </div>
  );
}

/** Over the picture, as long as play is in the beginning: goes there. */
export function ResumeOffer({ state, programmeId }: { readonly state: PlayerState; readonly programmeId: string }) {
  const { player } = useTerminal();
  const placeMs = usePlace(programmeId);
  const { positionMs, live, pictureShown } = state;
  if (placeMs === null || live !== null || !pictureShown) return null;
  if (positionMs > LEAST_PLACE_MS || placeMs - positionMs < LEAST_PLACE_MS) return null;
  return (
    <div className={styles.offer}>
      <Button icon="right" onClick={() => player.seek(placeMs)}>
        Go on from {formatClock(placeMs)}
      </Button>
    </div>
  );
}

/** As it was when the programme was opened: what is noted since is where play is now. */
function usePlace(programmeId: string): number | null {
  const { notes } = useTerminal().ports;
  return useMemo(() => rememberedPlace(notes, programmeId), [notes, programmeId]);
}
