// The other ways out that a programme's licence names, as links to the pages that play it so. Nothing for a programme of the display alone.

import type { CatalogueEntry } from '../../host/answers.ts';
import styles from './ways-out.module.css';

/** Way out, page under /embed/, and what is played there. */
const PAGES = [
  ['frames', 'hls', 'hls.js, with clear frames'],
  ['frames', 'shaka', 'Shaka Player, with clear frames'],
  ['keys', 'keys', 'hls.js, with the keys'],
] as const;

/** Links for this programme; whoever follows one is told there what it gives away. */
export function WaysOut({ entry }: { readonly entry: CatalogueEntry }) {
  const offered = PAGES.filter(([mode]) => entry.modes.includes(mode));
  if (offered.length === 0) return null;
  return (
    <nav className={styles.ways} aria-label="Other players">
      <span>Plays elsewhere too, less well kept:</span>
      {offered.map(([, page, words]) => (
        <a key={page} href={`/embed/${page}.html?programme=${entry.id}`}>
          {words}
        </a>
      ))}
    </nav>
  );
}
