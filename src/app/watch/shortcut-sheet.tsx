// The sheet of keys, opened with `?`: what each does, in the words of the screen. Loaded when it is asked for.

import { useEffect, useRef } from 'react';
import { Button } from '../ui/button.tsx';
import styles from './shortcut-sheet.module.css';

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['Space', 'K'], 'Play or hold'],
  [['←', '→'], 'Five seconds back or ahead'],
  [['J', 'L'], 'Ten seconds back or ahead'],
  [[',', '.'], 'A picture back or ahead, while it is held'],
  [['0', '9'], 'To a tenth of the programme'],
  [['Home', 'End'], 'To the beginning or the end'],
  [['↑', '↓'], 'Louder or quieter'],
  [['M'], 'Sound off or on'],
  [['C'], 'Captions off or on'],
  [['<', '>'], 'Slower or faster'],
  [['F'], 'Full screen'],
  [['?'], 'This sheet'],
];

/** A dialog over the picture; `onClose` when it is done with. */
export function ShortcutSheet({ onClose }: { onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className={styles.sheet} aria-labelledby="keys" onClose={onClose}>
      <h2 id="keys" className={styles.heading}>
        Keys
      </h2>
      <dl className={styles.keys}>
        {KEYS.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <Button onClick={() => dialog.current?.close()}>Close</Button>
    </dialog>
  );
}
