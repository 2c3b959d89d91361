// Paper: the light, warm surface of tickets and receipts, with perforated edges cut by a mask. Every screen that shows
// something true shows it on this.

import type { ReactNode } from 'react';
import styles from './paper.module.css';
import './perforation.css';

/** A sheet. `torn` perforates the bottom edge, as where a stub was torn off. */
export function Paper({
  children,
  label,
  torn = false,
}: {
  readonly children: ReactNode;
  readonly label: string;
  readonly torn?: boolean;
}) {
  return (
    <section className={`${styles.sheet} ${torn ? styles.torn : ''}`} aria-label={label}>
      <div className={styles.paper}>{children}</div>
    </section>
  );
}

/** The line of holes between ticket and stub, with a notch at either edge. */
export function Perforation() {
  return <hr className="perforation" />;
}

/** Lines of a paper: a name and its value, in columns that do not jump. */
export function Lines({ children }: { readonly children: ReactNode }) {
  return <dl className={styles.lines}>{children}</dl>;
}

/** One line. `strong` for the one number that matters most. */
export function Line({
  name,
  children,
  strong = false,
}: {
  readonly name: string;
  readonly children: ReactNode;
  readonly strong?: boolean;
}) {
  return (
    <div className={`${styles.line} ${strong ? styles.strong : ''}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The small heading over a part of a paper. */
export function PaperHeading({ children }: { readonly children: ReactNode }) {
  return <h2 className={styles.heading}>{children}</h2>;
}
