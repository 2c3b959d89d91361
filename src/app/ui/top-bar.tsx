// The bar above every page: the mark, which leads home, and what the page puts beside it.

import type { ReactNode } from 'react';
import { Mark } from './icons.tsx';
import styles from './top-bar.module.css';

/** What a link home is given. */
export type HomeProps = {
  readonly className: string | undefined;
  readonly 'aria-label': string;
  readonly children: ReactNode;
};

/** `home` makes the link: one that stays in the document where it can, one that loads the terminal elsewhere. */
export function TopBar({ home, children }: { home(props: HomeProps): ReactNode; readonly children: ReactNode }) {
  const inside = (
    <>
      <Mark size={28} />
      <span aria-hidden="true">Farebox</span>
    </>
  );
  return (
    <header className={styles.bar}>
      {home({ className: styles.mark, 'aria-label': 'Farebox', children: inside })}
      {children}
    </header>
  );
}
