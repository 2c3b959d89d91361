// What a restore or a recovery came to, as a paper: how much was found, not found, already used, not asked yet; and line by line where each thing
// was. Those that were not simply found come first.

import { useState } from 'react';
import { amount, NO_CURRENCY } from '../../protocol/amount.ts';
import type { RestoredThing, RestoreReport } from '../../worker-module/commands.ts';
import { formatDay, formatMoment } from '../format.ts';
import type { ModuleRoom } from '../state/module-room.ts';
import { Button } from '../ui/button.tsx';
import { CountText, MeteredAmountText } from '../ui/figures.tsx';
import { Paper, PaperHeading, Perforation } from '../ui/paper.tsx';
import { useIntent } from '../ui/use-intent.ts';
import { Verdict } from '../ui/verdict.tsx';
import { Actions, Part, Say } from './part.tsx';
import styles from './report-paper.module.css';
import { OUTCOMES, sayPlace } from './words.ts';

const FIRST = 6;
/** The paper. */
export function ReportPaper({ report, room }: { readonly report: RestoreReport; readonly room: ModuleRoom }) {
  const [all, setAll] = useState(false);
  const intent = useIntent();
  const { found, notFound, used, unreachable } = report.counts;
  const shown = all ? report.things : report.things.slice(0, FIRST);
  return (
    <Paper label="What came back" torn>
      <header className={styles.head}>
        <div>
          <PaperHeading>What came back</PaperHeading>
          <h2 className={styles.title}>{titleOf(report)}</h2>
          <p className={styles.when}>
            {formatMoment(report.time)}, from the {report.source}
          </p>
        </div>
        <Verdict
          kind={report.reconciled ? 'good' : 'unsure'}
          word={report.reconciled ? 'provider asked' : 'being confirmed'}
          onPaper
        />
      </header>
      <dl className={styles.counts}>
        <Count name="found" value={found} />
        <Count name="not found" value={notFound} />
        <Count name="already used" value={used} />
        <Count name="not asked yet" value={unreachable} />
      </dl>
      {shown.length === 0 ? null : <Perforation />}
      <ul className={styles.things}>
        {shown.map((thing) => (
          <Thing key={`${thing.kind} ${thing.session}`} thing={thing} />
        ))}
      </ul>
      <div className={styles.actions}>
        <Actions intent={intent}>
          {report.things.length > shown.length ? (
            <Button look="paper" onClick={() => setAll(true)}>
              Show all {report.things.length}
            </Button>
          ) : null}
          {report.reconciled ? null : (
            <Button
              look="paper"
              icon="replay"
              disabled={intent.busy !== null}
              onClick={() => intent.start('ask', room.askProvider)}
            >
              {intent.busy === null ? 'Ask the provider now' : 'Being confirmed'}
            </Button>
          )}
        </Actions>
      </div>
    </Paper>
  );
}

/** The same, folded, of a restore that is no news any more. */
export function OldReportPart({ report, room }: { readonly report: RestoreReport; readonly room: ModuleRoom }) {
  return (
    <Part name="report" title="What came back" said={null}>
      <Say>
        {titleOf(report)}. It was brought back on {formatDay(report.time)}.
      </Say>
      <details className={styles.old}>
        <summary>Show the report</summary>
        <ReportPaper report={report} room={room} />
      </details>
    </Part>
  );
}

function titleOf({ counts, reconciled }: RestoreReport): string {
  const missing = counts.notFound + counts.used;
  if (counts.found + missing + counts.unreachable === 0) return 'The module is back; there was nothing else in it';
  if (!reconciled) return 'The module is back; the provider is still to be asked';
  if (missing === 0) return 'The module is back, and nothing is missing';
  return missing === 1
    ? 'The module is back; one thing is not as it was'
    : `The module is back; ${missing} things are not as they were`;
}

function Count({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <div className={value === 0 ? styles.nothing : undefined}>
      <dt>{name}</dt>
      <dd>
        <CountText value={value} />
      </dd>
    </div>
  );
}

function Thing({ thing }: { readonly thing: RestoredThing }) {
  const [kind, word] = OUTCOMES[thing.outcome];
  return (
    <li className={styles.thing}>
      <div className={styles.what}>
        <p className={styles.name}>{thing.title === '' ? 'Something that cannot be read' : thing.title}</p>
        <p className={styles.where}>
          {thing.kind === 'receipt' ? 'Receipt' : 'Session'}, {sayPlace(thing)}
        </p>
      </div>
      <span>
        {thing.currency === NO_CURRENCY ? null : (
          <MeteredAmountText value={amount(thing.currency, BigInt(thing.amountMinor))} />
        )}
      </span>
      <Verdict kind={kind} word={word} onPaper />
    </li>
  );
}
