// The mark of a programme that is being sent now: in the catalogue and over the picture.

import type { CatalogueEntry } from '../../host/answers.ts';
import styles from './live-badge.module.css';

/** True while a live programme goes on. */
export function isOnAir({ live }: Pick<CatalogueEntry, 'live'>): boolean {
  return live !== null && !live.ended;
}

/** The word, with a dot that is lit while play is at the edge. */
export function LiveBadge({ lit = true }: { readonly lit?: boolean }) {
  return (
    <span className={`${styles.badge} ${lit ? styles.lit : ''}`}>
      <span className={styles.dot} aria-hidden="true" />
      LIVE
    </span>
  );
}
