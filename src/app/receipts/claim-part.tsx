// The claim of a receipt: what there is to claim, one press, and the provider's answer line by line with its reasons. An answer that
// contradicts itself is shown as what it is; it is kept with the receipt, signed.

import { amount } from '../../protocol/amount.ts';
import { type AnsweredLine, isPaidReason } from '../../protocol/claim-answer.ts';
import type { ClaimReport } from '../../protocol/claim-checks.ts';
import type { ClaimView } from '../../worker-module/commands.ts';
import { CONTRADICTED, KINDS, REASONS, sayFrames, VERDICTS } from '../contract-words.ts';
import { useTerminal } from '../terminal-context.tsx';
import { MeteredAmountText } from '../ui/figures.tsx';
import { Verdict } from '../ui/verdict.tsx';
import { ClaimByItself } from './claim-by-itself.tsx';
import styles from './receipt-page.module.css';
import { SettleButton } from './settle-button.tsx';

/** Nothing where there is nothing to claim. */
export function ClaimPart({
  session,
  view,
  report,
}: {
  readonly session: string;
  readonly view: ClaimView | null;
  readonly report: ClaimReport | null;
}) {
  const terminal = useTerminal();
  if (view === null) return null;
  return (
    <section className={styles.part} aria-labelledby="claim">
      <h2 id="claim" className={styles.heading}>
        Money back
      </h2>
      {view.state === 'answered' ? (
        <Answer report={report} />
      ) : (
        <>
          <p className={styles.lead}>
            {view.state === 'possible'
              ? 'The delivery was not as promised. Your module can claim what the contract says; the provider answers line by line.'
              : 'Your claim is signed and kept. The provider has not answered it yet.'}
          </p>
          <p className={styles.actions}>
            <SettleButton
              word={view.state === 'possible' ? 'Claim it' : 'Send the claim again'}
              look="filled"
              settle={() => terminal.claim(session)}
            />
          </p>
          <ClaimByItself />
        </>
      )}
    </section>
  );
}

function Answer({ report }: { readonly report: ClaimReport | null }) {
  const answer = report?.answer ?? null;
  if (report === null || answer === null) return null;
  const { verdict, lines, currency, amountMinor } = answer;
  return (
    <>
      <p className={styles.lead}>
        The provider’s answer: {VERDICTS[verdict]}. <MeteredAmountText value={amount(currency, amountMinor)} /> is
        credit with the provider now.
      </p>
      {report.contradictions.length === 0 ? null : (
        <div role="alert">
          <Verdict kind="bad" word="contradicts itself" />
          <ul>
            {report.contradictions.map((name) => (
              <li key={name}>{CONTRADICTED[name]}</li>
            ))}
          </ul>
          <p>The answer is kept, signed by the provider. It shows who is wrong.</p>
        </div>
      )}
      <ul className={styles.checks} aria-label="Lines of the answer">
        {lines.map((line) => (
          <AnswerLine key={`${line.kind} ${line.from}`} line={line} currency={currency} />
        ))}
      </ul>
    </>
  );
}

function AnswerLine({ line, currency }: { readonly line: AnsweredLine; readonly currency: string }) {
  const { kind, from, to, reason, amountMinor } = line;
  const paid = isPaidReason(reason);
  return (
    <li className={styles.check}>
      <Verdict kind={paid ? 'good' : 'bad'} word={paid ? 'paid' : 'refused'} />
      <span>
        {KINDS[kind]}, {sayFrames(from, to)}
      </span>
      <span className={styles.value}>
        {REASONS[reason]}
        {paid ? (
          <>
            : <MeteredAmountText value={amount(currency, amountMinor)} />
          </>
        ) : null}
      </span>
    </li>
  );
}
