// The contract beside a programme, before it is played: what the provider promises in plain words, and the signed object for who wants to look.

import { useEffect, useMemo } from 'react';
import { sayContract } from '../contract-words.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import styles from './contract-offer.module.css';

/** Nothing where the provider promises nothing, or could not be asked: playing says what is wrong then. */
export function ContractOfferPart({ programmeId }: { readonly programmeId: string }) {
  const terminal = useTerminal();
  const offer = useMemo(() => terminal.offer(programmeId), [terminal, programmeId]);
  const loaded = useStore(offer);
  useEffect(() => {
    void offer.reload();
  }, [offer]);
  if (!('value' in loaded) || loaded.value === null) return null;
  const { terms, raw } = loaded.value;
  return (
    <section className={styles.offer} aria-labelledby="promise">
      <h3 id="promise" className={styles.heading}>
        What the provider promises
      </h3>
      <ul className={styles.lines}>
        {sayContract(terms).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <details className={styles.details}>
        <summary>Show the contract</summary>
        <p>Both sides sign it before anything plays. Without it your module opens nothing here.</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take focus to be scrolled by keys. */}
        <pre className={styles.raw} tabIndex={0}>
          {raw}
        </pre>
      </details>
    </section>
  );
}
