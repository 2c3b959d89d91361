// A button for one piece of work: pressed once it rests until that is over, and says under itself why it did not work, in the words of the error
// table. Unlocking and settling are such buttons.

import { Button, type ButtonLook } from './button.tsx';
import { ErrorWords } from './error-note.tsx';
import type { IconName } from './icons.tsx';
import { useIntent } from './use-intent.ts';
import styles from './work-button.module.css';

/** `work` rejects with a FareboxError. `end`: it stands at the end of its row. */
export function WorkButton<T>({
  word,
  busyWord = word,
  look,
  icon,
  end = false,
  work,
  onDone,
}: {
  readonly word: string;
  readonly busyWord?: string;
  readonly look: ButtonLook;
  readonly icon?: IconName;
  readonly end?: boolean;
  work(): Promise<T>;
  readonly onDone?: ((value: T) => void) | undefined;
}) {
  const intent = useIntent();
  const isBusy = intent.busy !== null;
  return (
    <span className={end ? `${styles.place} ${styles.end}` : styles.place}>
      <Button
        look={look}
        {...(icon === undefined ? {} : { icon })}
        disabled={isBusy}
        onClick={() => intent.start('work', work, onDone)}
      >
        {isBusy ? busyWord : word}
      </Button>
      {intent.code === null ? null : (
        <span className={styles.trouble} role="alert">
          <ErrorWords code={intent.code} />
        </span>
      )}
    </span>
  );
}
