// What went wrong, in the words of the error table: what happened, what is safe, what to do; with the code for those who help,
// and a button where something can be done.

import type { ReactNode } from 'react';
import { ERRORS, type FareboxErrorCode } from '../../protocol/errors.ts';
import styles from './error-note.module.css';
import { Icon } from './icons.tsx';

/** A note about one coded error. `title` names the thing that did not work. */
export function ErrorNote({
  code,
  title,
  children,
  over = false,
}: {
  readonly code: FareboxErrorCode;
  readonly title: string;
  /** Buttons. */
  readonly children?: ReactNode;
  /** Laid over the picture, which is dark in either theme. */
  readonly over?: boolean;
}) {
  const quiet = ERRORS[code].severity === 'info' || ERRORS[code].severity === 'warning';
  return (
    <div className={`${styles.note} ${over ? styles.over : ''}`} role={quiet ? 'status' : 'alert'}>
      <span className={styles.icon}>
        <Icon name="warning" size={24} />
      </span>
      <div className={styles.words}>
        <h2 className={styles.title}>{title}</h2>
        <p className={styles.message}>{ERRORS[code].message}</p>
        {children ? <div className={styles.actions}>{children}</div> : null}
        <p className={styles.code}>{code}</p>
      </div>
    </div>
  );
}
