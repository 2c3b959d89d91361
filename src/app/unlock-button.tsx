// Unlocking, wherever a locked module is met: one button that has the module ask on its own surface, and a note for screens that cannot be read
// before. What was given is judged by the module; this page never sees it.

import { useStore, useTerminal } from './terminal-context.tsx';
import type { ButtonLook } from './ui/button.tsx';
import { Note } from './ui/note.tsx';
import { WorkButton } from './ui/work-button.tsx';

/** Whether the module is locked, as far as is known. */
export function useLocked(): boolean {
  const loaded = useStore(useTerminal().moduleStatus);
  return 'value' in loaded && loaded.value.lock === 'locked';
}

/** The button. `onUnlocked` is called once the module is open. */
export function UnlockButton({
  look = 'filled',
  onUnlocked,
}: {
  readonly look?: ButtonLook;
  readonly onUnlocked?: () => void;
}) {
  const { unlock } = useTerminal();
  return <WorkButton word="Unlock" look={look} icon="key" work={unlock} onDone={onUnlocked} />;
}

/** In place of a screen whose content is inside the locked module. `what` names it: "Your receipts". */
export function LockedNote({ what }: { readonly what: string }) {
  return (
    <Note icon="lock" title={what} words="The module is locked, and only it can read this. Everything inside is safe.">
      <UnlockButton />
    </Note>
  );
}
