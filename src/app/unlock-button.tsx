// Unlocking, wherever a locked module is met: one button that has the module ask on its own surface, and a note for screens that cannot be read
// before. What was given is judged by the module; this page never sees it.

import { useState } from 'react';
import { ERRORS, type FareboxErrorCode, toErrorData } from '../protocol/errors.ts';
import { useStore, useTerminal } from './terminal-context.tsx';
import { Button, type ButtonLook } from './ui/button.tsx';
import { Icon } from './ui/icons.tsx';
import styles from './unlock-button.module.css';

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
  const [state, setState] = useState<'rest' | 'busy' | FareboxErrorCode>('rest');
  const press = (): void => {
    setState('busy');
    unlock().then(
      () => {
        setState('rest');
        onUnlocked?.();
      },
      (error: unknown) => setState(toErrorData(error).code),
    );
  };
  return (
    <span className={styles.place}>
      <Button look={look} icon="key" disabled={state === 'busy'} onClick={press}>
        Unlock
      </Button>
      {state === 'rest' || state === 'busy' ? null : (
        <span className={styles.trouble} role="alert">
          {ERRORS[state].message}
        </span>
      )}
    </span>
  );
}

/** In place of a screen whose content is inside the locked module. `what` names it: "Your receipts". */
export function LockedNote({ what }: { readonly what: string }) {
  return (
    <div className={styles.note} role="status">
      <span className={styles.icon}>
        <Icon name="lock" size={24} />
      </span>
      <div className={styles.words}>
        <h2>{what}</h2>
        <p>The module is locked, and only it can read this. Everything inside is safe.</p>
        <UnlockButton />
      </div>
    </div>
  );
}
