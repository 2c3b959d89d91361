// What has left the module, signed or sealed, newest first: what it was, to whom, when. Nothing else ever leaves it.

import type { DisclosureView } from '../../worker-module/commands.ts';
import { formatMoment } from '../format.ts';
import { FirstRows } from './first-rows.tsx';
import { Part, Say } from './part.tsx';
import styles from './rows.module.css';
import { DISCLOSURES, sayRecipient } from './words.ts';

const FIRST = 6;

/** The part. */
export function DisclosuresPart({ disclosures }: { readonly disclosures: readonly DisclosureView[] }) {
  return (
    <Part name="disclosures" title="What it let out" said={null}>
      <Say>
        {disclosures.length === 0
          ? 'Nothing has left the module yet.'
          : 'Everything that left the module, signed or sealed by it. Its own keys leave only inside a backup, under your words.'}
      </Say>
      <FirstRows
        items={disclosures}
        most={FIRST}
        row={(disclosure) => (
          <li key={`${disclosure.counter} ${disclosure.what}`} className={styles.row}>
            <div className={styles.what}>
              <p className={styles.name}>{DISCLOSURES[disclosure.what]}</p>
              <p className={styles.note}>{sayRecipient(disclosure)}</p>
            </div>
            <time className={styles.time}>{formatMoment(disclosure.time)}</time>
          </li>
        )}
      />
    </Part>
  );
}
