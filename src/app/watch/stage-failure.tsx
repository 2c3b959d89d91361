// What went wrong with a session, before the picture, and the way on: first what most likely helps. Loaded when something has gone wrong.

import type { PlayerState } from '../../player/player-state.ts';
import type { FareboxErrorCode } from '../../protocol/errors.ts';
import { useTerminal } from '../terminal-context.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { UnlockButton } from '../unlock-button.tsx';

/** The note, over the picture. */
export function StageFailure({ state, code }: { readonly state: PlayerState; readonly code: FareboxErrorCode }) {
  return (
    <ErrorNote code={code} title={titleOf(code)} over>
      <WayOn state={state} code={code} />
    </ErrorNote>
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
