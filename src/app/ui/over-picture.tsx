// What stands over a picture that is not there yet, on the terminal's stage and on the page of the media element alike: a word on what is going on,
// a large round button, and the middle that something is put into. Their measures are the place's own, by custom properties.

import type { ComponentProps, ReactNode } from 'react';
import type { PlayerState } from '../../player/player-state.ts';
import { Icon } from './icons.tsx';
import styles from './over-picture.module.css';

/** What a phase is called while a person waits; the others need no word. */
export const PHASE_WORDS: Partial<Record<PlayerState['phase'], string>> = {
  opening: 'Opening',
  waiting: 'Waiting for the picture',
  renewing: 'Going on with a new session',
  resuming: 'The module is starting again; nothing is lost',
  stopping: 'Your receipt is being signed',
};

/** The word in its corner; what is over in a moment is never seen of it. */
export function PhaseWord({ word }: { readonly word: string }) {
  return (
    <p className={styles.word} role="status">
      <span className={styles.turning} aria-hidden="true" />
      {word}
    </p>
  );
}

/** The middle of the picture, veiled; what does not fit is scrolled to. */
export function Middle({ children }: { readonly children: ReactNode }) {
  return <div className={styles.middle}>{children}</div>;
}

/** The one button: play, or once more. `size` of its icon in px. */
export function LargeButton({
  does,
  label,
  size,
  ...handlers
}: {
  readonly does: 'play' | 'again';
  readonly label: string;
  readonly size: number;
} & Omit<ComponentProps<'button'>, 'type' | 'className' | 'children'>) {
  const look = does === 'again' ? `${styles.large} ${styles.again}` : styles.large;
  return (
    <button type="button" className={look} aria-label={label} {...handlers}>
      <Icon name={does === 'again' ? 'replay' : 'play'} size={size} />
    </button>
  );
}
