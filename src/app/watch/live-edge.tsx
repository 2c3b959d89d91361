// Where play stands in a live programme: at its edge, or how far behind it, with the way back. In place of the clock, which would say
// nothing here. It shows the player's state and sends one intent.

import type { LiveNow } from '../../player/player-state.ts';
import { LiveBadge } from '../ui/live-badge.tsx';
import styles from './live-edge.module.css';

/** As near as this to where `Go to live` goes is live: what comes and goes with each frame is not worth a word. */
const NEAR_MS = 4_000;

/** `positionMs`, `live` in ms on the programme's clock. */
export function LiveEdge({
  live,
  positionMs,
  playing,
  onGoLive,
}: {
  readonly live: LiveNow;
  readonly positionMs: number;
  readonly playing: boolean;
  onGoLive(): void;
}) {
  const behindMs = live.liveMs - positionMs;
  const near = playing && behindMs <= NEAR_MS;
  if (live.ended) return <p className={styles.edge}>Ended</p>;
  return (
    <p className={styles.edge}>
      <LiveBadge lit={near} />
      {near ? null : (
        <>
          <span className={styles.behind}>{Math.max(0, Math.round(behindMs / 1000))} s behind</span>
          <button type="button" className={styles.go} onClick={onGoLive}>
            Go to live
          </button>
        </>
      )}
    </p>
  );
}
