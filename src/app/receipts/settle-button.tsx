// A button that carries receipts to the provider, and says so when that does not work now. Used in the drawer and on a receipt.

import { useState } from 'react';
import { ERRORS, type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';
import { Button, type ButtonLook } from '../ui/button.tsx';
import styles from './settle-button.module.css';

/** `settle` rejects with a FareboxError; its words are shown beside the button. */
export function SettleButton({
  word,
  look = 'plain',
  settle,
}: {
  readonly word: string;
  readonly look?: ButtonLook;
  settle(): Promise<void>;
}) {
  const [state, setState] = useState<'rest' | 'busy' | FareboxErrorCode>('rest');
  const press = (): void => {
    setState('busy');
    settle().then(
      () => setState('rest'),
      (error: unknown) => setState(toErrorData(error).code),
    );
  };
  return (
    <span className={styles.place}>
      <Button look={look} disabled={state === 'busy'} onClick={press}>
        {state === 'busy' ? 'Being confirmed' : word}
      </Button>
      {state === 'rest' || state === 'busy' ? null : (
        <span className={styles.trouble} role="alert">
          {ERRORS[state].message}
        </span>
      )}
    </span>
  );
}
