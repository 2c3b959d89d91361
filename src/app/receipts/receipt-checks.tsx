// Every check on a receipt as a list: what was checked, how it came out, and the value it was checked on. The words here explain the
// names of docs/protocol.md §9; the checking is done by src/protocol/receipt-checks.ts.

import type { ReceiptCheckName, ReceiptReport } from '../../protocol/receipt-checks.ts';
import { Verdict, type VerdictKind } from '../ui/verdict.tsx';
import styles from './receipt-page.module.css';

const WORDS: Readonly<Record<ReceiptCheckName, string>> = {
  encoding: 'The file is written as it must be',
  certificate: "The agency vouches for the module's key",
  'certificate-time': 'That certificate held when the receipt was signed',
  signature: 'The module signed this receipt',
  'provider-certificate': "The agency vouches for the provider's key",
  programme: 'The provider signed the programme',
  grant: 'The provider signed the grant',
  binding: 'Receipt, grant and programme belong together',
  'within-grant': 'Only frames that were granted are counted',
  count: 'The counts add up',
  times: 'The times are in order',
  amount: 'Frames times price is the amount',
  record: "The module's record is long enough for it",
  contract: 'Both have signed the contract that was offered',
  delivery: 'What it says of the delivery fits its counts',
  acknowledgement: 'The provider agrees with this receipt',
};

const VERDICTS = {
  ok: ['good', 'holds'],
  failed: ['bad', 'fails'],
  absent: ['absent', 'not there'],
} as const satisfies Record<string, readonly [VerdictKind, string]>;

/** The list under the paper. */
export function ReceiptChecks({ report }: { readonly report: ReceiptReport }) {
  const holding = report.checks.filter(({ verdict }) => verdict === 'ok').length;
  return (
    <section className={styles.part} aria-labelledby="checks">
      <h2 id="checks" className={styles.heading}>
        What makes it valid
      </h2>
      <p className={styles.lead}>
        {holding} of {report.checks.length} checks hold, made on this device just now.
      </p>
      <ul className={styles.checks}>
        {report.checks.map(({ name, verdict, value, code }) => {
          const [kind, word] = VERDICTS[verdict];
          return (
            <li key={name} className={styles.check}>
              <Verdict kind={kind} word={word} />
              <span>{WORDS[name]}</span>
              <span className={styles.value}>
                {value}
                {code === null ? null : <span className={styles.code}>{code}</span>}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
