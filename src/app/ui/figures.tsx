// Amounts, counts and times on the screen: Plex Mono with tabular figures, so that a number that changes does not move its
// neighbours. Formatting is done by src/protocol/amount.ts and format.ts; nothing is worked out here.

import { type Amount, formatAmount, formatMeteredAmount } from '../../protocol/amount.ts';
import styles from './figures.module.css';

/** An amount of money. */
export function AmountText({ value }: { readonly value: Amount }) {
  return <span className={styles.figure}>{formatAmount(value)}</span>;
}

/** An amount that runs while it is looked at, or stands beside one that did. */
export function MeteredAmountText({ value }: { readonly value: Amount }) {
  return <span className={styles.figure}>{formatMeteredAmount(value)}</span>;
}

/** A count, with `of` where there is a whole; a live programme has none. */
export function CountText({ value, of = null }: { readonly value: number; readonly of?: number | null }) {
  return (
    <span className={styles.figure}>
      {value.toLocaleString('en')}
      {of === null ? null : ` / ${of.toLocaleString('en')}`}
    </span>
  );
}
