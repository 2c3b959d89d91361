// What stands before the picture when there is none: the poster, a word on what is going on, a play button, or what went wrong.
// Shown by the stage, above the module's frame.

import type { PlayerState } from '../../player/player-state.ts';
import type { FareboxErrorCode } from '../../protocol/errors.ts';
import { usePosterUrl } from '../catalogue-entry.ts';
import { useTerminal } from '../terminal-context.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icons.tsx';
import { UnlockButton } from '../unlock-button.tsx';
import styles from './stage.module.css';

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
  const word = WORDS[state.phase];
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
      {state.phase === 'stopped' && state.programmeId !== null ? (
        <div className={styles.middle}>
          <AgainButton programmeId={state.programmeId} />
        </div>
      ) : null}
      {state.phase === 'failed' && state.code !== null ? (
        <div className={styles.middle}>
          <ErrorNote code={state.code} title={titleOf(state.code)} over>
            <WayOn state={state} code={state.code} />
          </ErrorNote>
        </div>
      ) : null}
    </>
  );
}

/** What can be done about a failure: first what most likely helps. */
function WayOn({ state, code }: { readonly state: PlayerState; readonly code: FareboxErrorCode }) {
  const { player } = useTerminal();
  if (code === 'module/locked') return <UnlockButton onUnlocked={player.retry} />;
  const first = firstHelp(code);
  return (
    <>
      {first === null ? null : (
        <ButtonLink look="filled" icon="module" href="/module">
          {first}
        </ButtonLink>
      )}
      <Button
        look={first !== null || code === 'credit/exhausted' ? 'plain' : 'filled'}
        icon="replay"
        onClick={player.retry}
      >
        {code === 'consent/refused' ? 'Ask me again' : 'Try again'}
      </Button>
      {state.session === null ? null : (
        <Button look={code === 'credit/exhausted' ? 'filled' : 'plain'} icon="receipts" onClick={player.stop}>
          Get the receipt
        </Button>
      )}
    </>
  );
}

/** What the Module page can do about it, in words for the button; null where it can do nothing. */
function firstHelp(code: FareboxErrorCode): string | null {
  if (code === 'store/at-risk') return 'Make it safe';
  if (code === 'store/wiped' || code === 'store/altered') return 'Bring it back';
  return isAboutThisCopy(code) ? 'See what happened' : null;
}

function isAboutThisCopy(code: FareboxErrorCode): boolean {
  return code === 'module/superseded' || code === 'record/regress' || code === 'record/fork';
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

function titleOf(code: FareboxErrorCode): string {
  if (code === 'credit/exhausted') return 'Your credit is used up';
  if (code === 'consent/refused') return 'You did not agree';
  if (code === 'consent/covered') return 'The question could not be seen whole';
  if (code === 'consent/busy') return 'There is another question open';
  if (code === 'store/at-risk') return 'This is worth more than is kept safe here';
  if (code === 'module/locked') return 'The module is locked';
  if (isAboutThisCopy(code)) return 'The provider knows another copy of this module';
  if (code.startsWith('network/') || code.startsWith('server/')) return 'The provider cannot be reached';
  if (code.startsWith('store/')) return 'The module cannot write its record';
  if (code.startsWith('media/')) return 'This cannot be shown here';
  if (code.startsWith('module/')) return 'The module has stopped';
  return 'This session cannot go on';
}
