// One row of the keys part: a tag as on a key ring, what it is for, and what can be done. On the tag stands what a key is compared by; of a key that a
// PIN chooses there is nothing to compare, so it has dots.

import type { ReactNode } from 'react';
import styles from './keys-part.module.css';
import { spellCheckValue } from './keys-part-words.ts';

/** `checkValue` of a key that is here; `masked`: by a PIN; `card`: by its last four digits; `empty`: the place for one, of this shape. */
export type TagFace =
  | { readonly face: 'key'; readonly checkValue: string }
  | { readonly face: 'masked' }
  | { readonly face: 'card'; readonly last4: string }
  | { readonly face: 'empty'; readonly shape?: 'key' | 'card' };

function EmptyTag({ shape, word }: { readonly shape: 'key' | 'card'; readonly word?: string }) {
  const shaped = shape === 'card' ? styles.card : '';
  return (
    <span className={`${styles.tag} ${shaped} ${styles.empty}`} aria-hidden="true">
      {word}
    </span>
  );
}

/** What could be here, where nothing is: a picture of the sentence beside it. */
export function EmptyPlaces() {
  return (
    <div className={styles.places} aria-hidden="true">
      <EmptyTag shape="key" word="sign-in" />
      <EmptyTag shape="key" word="PINs" />
      <EmptyTag shape="card" word="card" />
    </div>
  );
}

/** The tag. */
function KeyTag({ shows }: { readonly shows: TagFace }) {
  if (shows.face === 'empty') return <EmptyTag shape={shows.shape ?? 'key'} />;
  if (shows.face === 'masked') {
    return (
      <span className={styles.tag} role="img" aria-label="Kept under your PIN">
        <span className={styles.dots}>••••</span>
      </span>
    );
  }
  if (shows.face === 'card') {
    return (
      <span className={`${styles.tag} ${styles.card}`} role="img" aria-label={`Ends in ${shows.last4}`}>
        •••• {shows.last4}
      </span>
    );
  }
  const spelt = spellCheckValue(shows.checkValue);
  return (
    <span className={styles.tag} role="img" aria-label={`Check value ${spelt}`}>
      {spelt}
    </span>
  );
}

/** The row. `slot`: reference and version, where there are any. */
export function TagRow({
  shows,
  title,
  slot,
  about,
  children,
}: {
  readonly shows: TagFace;
  readonly title: string;
  readonly slot?: string;
  readonly about: string;
  /** At its end: buttons, or when it came. */
  readonly children?: ReactNode;
}) {
  return (
    <li className={styles.row}>
      <KeyTag shows={shows} />
      <div className={styles.what}>
        <p className={styles.name}>
          {title}
          {slot === undefined ? null : <span className={styles.slot}>{slot}</span>}
        </p>
        <p className={styles.note}>{about}</p>
      </div>
      <div className={styles.end}>{children}</div>
    </li>
  );
}
