// What has left the module, signed or sealed, newest first: what it was, to whom, when. Nothing else ever leaves it.

import { useState } from 'react';
import type { DisclosureView } from '../../worker-module/commands.ts';
import { formatMoment } from '../format.ts';
import { Button } from '../ui/button.tsx';
import { Part, Say } from './part.tsx';
import styles from './rows.module.css';
import { DISCLOSURES, sayRecipient } from './words.ts';

const FIRST = 6;

/** The part. */
export function DisclosuresPart({ disclosures }: { readonly disclosures: readonly DisclosureView[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? disclosures : disclosures.slice(0, FIRST);
  return (
    <Part name="disclosures" title="What it let out" said={null}>
      <Say>
        {disclosures.length === 0
          ? 'Nothing has left the module yet.'
          : 'Everything that left the module, signed or sealed by it. Its own keys leave only inside a backup, under your words.'}
      </Say>
      <ul className={styles.rows}>
        {shown.map((disclosure) => (
          <li key={`${disclosure.counter} ${disclosure.what}`} className={styles.row}>
            <div className={styles.what}>
              <p className={styles.name}>{DISCLOSURES[disclosure.what]}</p>
              <p className={styles.note}>{sayRecipient(disclosure)}</p>
            </div>
            <time className={styles.time}>{formatMoment(disclosure.time)}</time>
          </li>
        ))}
      </ul>
      {disclosures.length > shown.length ? (
        <div className={styles.more}>
          <Button onClick={() => setAll(true)}>Show all {disclosures.length}</Button>
        </div>
      ) : null}
    </Part>
  );
}
