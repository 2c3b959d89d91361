// What stands before the picture when there is none: the poster, a word on what is going on, a play button, or what went wrong.
// Shown by the stage, above the module's frame.

import { Suspense } from 'react';
import type { PlayerState } from '../../player/player-state.ts';
import { usePosterUrl } from '../catalogue-entry.ts';
import { useTerminal } from '../terminal-context.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import { LargeButton, Middle, PHASE_WORDS, PhaseWord } from '../ui/over-picture.tsx';
import { bareBoardWords } from './board-words.ts';
import styles from './stage.module.css';
import { usePointing } from './use-pointing.ts';

/** In a chunk of its own: the first picture waits for none of it. */
const StageFailure = lazyPart(async () => (await import('./stage-failure.tsx')).StageFailure);

/** Draws what the phase asks for; nothing while a picture plays. */
export function StageCurtain({ state }: { readonly state: PlayerState }) {
  const poster = usePosterUrl(state.programmeId);
  const isBoard = state.measures?.isBoard === true;
  const word = isBoard && state.phase === 'waiting' ? 'Waiting for the next stroke' : PHASE_WORDS[state.phase];
  const bare =
    isBoard && state.phase === 'playing' && state.live !== null
      ? bareBoardWords(state.live.edgeMs, state.tally?.count ?? 0, state.live.ended)
      : null;
  const covered = !state.pictureShown || state.phase === 'stopped' || state.phase === 'stopping';
  return (
    <>
      {covered && poster !== null ? <img className={styles.poster} src={poster} alt="" /> : null}
      {word === undefined ? null : <PhaseWord word={word} key={state.phase} />}
      {bare === null ? null : (
        <p className={styles.bare} role="status">
          {bare}
        </p>
      )}
      {state.phase === 'stopped' && state.programmeId !== null ? (
        <Middle>
          <AgainButton programmeId={state.programmeId} />
        </Middle>
      ) : null}
      {state.phase === 'failed' && state.code !== null ? (
        <Middle>
          <Suspense fallback={null}>
            <StageFailure state={state} code={state.code} />
          </Suspense>
        </Middle>
      ) : null}
    </>
  );
}

function AgainButton({ programmeId }: { readonly programmeId: string }) {
  const { player } = useTerminal();
  return <LargeButton does="again" label="Watch again" size={36} onClick={() => player.open(programmeId, 0)} />;
}

/** The large play button before anything was opened: opening costs nothing until a frame is shown. */
export function StartButton({
  programmeId,
  onStart,
  title,
}: {
  readonly programmeId: string;
  readonly onStart: () => void;
  readonly title: string;
}) {
  const pointing = usePointing(programmeId);
  return <LargeButton does="play" label={`Play ${title}`} size={40} {...pointing} onClick={onStart} />;
}
