// A part of the Module page: its name, how it stands in a word, a sentence or two, and what can be done. Lines rather than boxes; the parts beside
// this file fill it.

import type { ReactNode } from 'react';
import { errorWords } from '../../protocol/error-words.ts';
import { Icon } from '../ui/icons.tsx';
import type { Intent } from '../ui/use-intent.ts';
import { Verdict } from '../ui/verdict.tsx';
import styles from './part.module.css';
import type { Said } from './words.ts';

/** One part. `name` is its anchor as well. */
export function Part({
  name,
  title,
  said,
  children,
}: {
  readonly name: string;
  readonly title: string;
  readonly said: Said | null;
  readonly children: ReactNode;
}) {
  return (
    <section className={styles.part} aria-labelledby={name}>
      <header className={styles.head}>
        <h2 id={name} className={styles.title} tabIndex={-1}>
          {title}
        </h2>
        {said === null ? null : <Verdict kind={said[0]} word={said[1]} />}
      </header>
      <div className={styles.body}>{children}</div>
    </section>
  );
}

/** What is so, in a sentence or two. */
export function Say({ children, quiet = false }: { readonly children: ReactNode; readonly quiet?: boolean }) {
  return <p className={quiet ? styles.quiet : styles.say}>{children}</p>;
}

/** Buttons, and under them what became of the last one pressed. `done` is said where it worked. */
export function Actions({
  intent,
  done,
  children,
}: {
  readonly intent: Intent;
  readonly done?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles.place}>
      <div className={styles.actions}>{children}</div>
      <div role="status">
        {intent.code !== null ? (
          <p className={styles.trouble}>
            <Icon name="warning" size={18} />
            <span>{errorWords(intent.code)}</span>
          </p>
        ) : done && intent.busy === null ? (
          <p className={styles.done}>{done}</p>
        ) : null}
      </div>
    </div>
  );
}
