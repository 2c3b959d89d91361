// A note in place of what cannot be shown: a mark, a heading, words, and what can be done about it. error-note.tsx and unlock-button.tsx fill it.

import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';
import styles from './note.module.css';

/** `alarming`: read out at once. `over`: laid over the picture, which is dark in either theme. `code`: for those who help. */
export function Note({
  icon,
  title,
  words,
  ways,
  code,
  alarming = false,
  over = false,
  children,
}: {
  readonly icon: Extract<IconName, 'warning' | 'lock'>;
  readonly title: string;
  readonly words: string;
  /** What is done about it, and what can be done. */
  readonly ways?: string;
  readonly code?: string;
  readonly alarming?: boolean;
  readonly over?: boolean;
  /** Buttons. */
  readonly children?: ReactNode;
}) {
  return (
    <div className={`${styles.note} ${over ? styles.over : ''}`} role={alarming ? 'alert' : 'status'}>
      <span className={styles[icon]}>
        <Icon name={icon} size={24} />
      </span>
      <div className={styles.words}>
        <h2 className={styles.title}>{title}</h2>
        <p className={styles.message}>{words}</p>
        {ways === undefined ? null : <p className={styles.ways}>{ways}</p>}
        {children ? <div className={styles.actions}>{children}</div> : null}
        {code === undefined ? null : <p className={styles.code}>{code}</p>}
      </div>
    </div>
  );
}
