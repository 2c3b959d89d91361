// The first rows of a long list of the Module page, and a button that shows the rest.

import { type ReactNode, useState } from 'react';
import { Button } from '../ui/button.tsx';
import styles from './rows.module.css';

/** `most`: how many are shown at first. `row` makes the `li` of one, with its key. */
export function FirstRows<Item>({
  items,
  most,
  row,
}: {
  readonly items: readonly Item[];
  readonly most: number;
  row(item: Item): ReactNode;
}) {
  const [all, setAll] = useState(false);
  const shown = all ? items : items.slice(0, most);
  return (
    <>
      <ul className={styles.rows}>{shown.map(row)}</ul>
      {items.length > shown.length ? (
        <div className={styles.more}>
          <Button onClick={() => setAll(true)}>Show all {items.length}</Button>
        </div>
      ) : null}
    </>
  );
}
