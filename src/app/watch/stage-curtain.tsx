// What stands before the picture when there is none: the poster, a word on what is going on, a play button, or what went wrong.
// Shown by the stage, above the module's frame.

import { Suspense } from 'react';
import type { PlayerState } from '../../player/player-state.ts';
import { usePosterUrl } from '../catalogue-entry.ts';
import { useTerminal } from '../terminal-context.tsx';
import { Icon } from '../ui/icons.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import { bareBoardWords } from './board-words.ts';
import styles from './stage.module.css';

/** In a chunk of its own: the first picture waits for none of it. */
const StageFailure = lazyPart(async () => (await import('./stage-failure.tsx')).StageFailure);

const WORDS: Partial<Record<PlayerState['phase'], string>> = {
  opening: 'Opening',
  waiting: 'Waiting for the picture',
  renewing: 'Going on with a new session',
  resuming: 'The module is starting again; nothing is lost',
  stopping: 'Your receipt is being signed',
};

/** Draws what the phase asks for; nothing while a picture plays. */
export function StageCurtain({ state }: { readonly state: PlayerState }) {
  const poster = usePosterUrl(state.programmeId);
  const isBoard = state.measures?.isBoard === true;
  const word = isBoard && state.phase === 'waiting' ? 'Waiting for the next stroke' : WORDS[state.phase];
  const bare =
    isBoard && state.phase === 'playing' && state.live !== null
      ? bareBoardWords(state.live.edgeMs, state.tally?.count ?? 0, state.live.ended)
      : null;
  const covered = !state.pictureShown || state.phase === 'stopped' || state.phase === 'stopping';
  return (
    <>
      {covered && poster !== null ? <img className={styles.poster} src={poster} alt="" /> : null}
      {word === undefined ? null : (
        <p className={styles.word} role="status" key={state.phase}>
          <span className={styles.turning} aria-hidden="true" />
          {word}
        </p>
      )}
      {bare === null ? null : (
        <p className={styles.bare} role="status">
          {bare}
        </p>
      )}
      {state.phase === 'stopped' && state.programmeId !== null ? (
        <div className={styles.middle}>
          <AgainButton programmeId={state.programmeId} />
        </div>
      ) : null}
      {state.phase === 'failed' && state.code !== null ? (
        <div className={styles.middle}>
          <Suspense fallback={null}>
            <StageFailure state={state} code={state.code} />
          </Suspense>
        </div>
      ) : null}
    </>
  );
}

function AgainButton({ programmeId }: { readonly programmeId: string }) {
  const { player } = useTerminal();
  return (
    <button
      type="button"
      className={`${styles.large} ${styles.again}`}
      aria-label="Watch again"
      onClick={() => player.open(programmeId, 0)}
    >
      <Icon name="replay" size={36} />
    </button>
  );
}

/** The large play button before anything was opened: opening costs nothing until a frame is shown. */
export function StartButton({ onStart, title }: { readonly onStart: () => void; readonly title: string }) {
  return (
    <button type="button" className={styles.large} aria-label={`Play ${title}`} onClick={onStart}>
      <Icon name="play" size={40} />
    </button>
  );
}
