// The paper of a receipt: its lines as the module signed them, and whether all checks hold. A receipt that cannot be read has no
// lines to show, only its verdict.

import { amount } from '../../protocol/amount.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import type { SessionSequenceName } from '../../protocol/sequence/names.ts';
import { formatMoment, formatRung, groupDigits } from '../format.ts';
import type { ReceiptDetail } from '../state/receipt-detail.ts';
import { CountText, MeteredAmountText } from '../ui/figures.tsx';
import { FrameStrip } from '../ui/frame-strip.tsx';
import { Line, Lines, Paper, PaperHeading, Perforation } from '../ui/paper.tsx';
import { SEQUENCE_LINE, SequenceText } from '../ui/sequence-text.tsx';
import { Verdict } from '../ui/verdict.tsx';
import { framesWord } from '../watch/board-words.ts';
import { describeMarks, marksOfRanges, marksShown } from '../watch/marks.ts';
import styles from './receipt-page.module.css';

/** The paper at the head of the receipt page. */
export function ReceiptPaper({ detail: { report, sequence } }: { readonly detail: ReceiptDetail }) {
  const { receipt, programme } = report;
  return (
    <Paper label="Receipt" torn>
      <div className={styles.paperHead}>
        <div>
          <PaperHeading>Receipt</PaperHeading>
          <p className={styles.title}>{programme?.title ?? 'A receipt that cannot be read'}</p>
          {receipt ? (
            <p className={styles.when}>
              {receipt.count === 0
                ? 'Nothing was shown'
                : `${formatMoment(receipt.firstTime)} to ${formatMoment(receipt.lastTime)}`}
            </p>
          ) : null}
        </div>
        <Verdict kind={report.valid ? 'good' : 'bad'} word={report.valid ? 'valid' : 'not valid'} onPaper />
      </div>
      {receipt ? (
        <ReceiptLines
          receipt={receipt}
          frameCount={programme?.frameCount ?? lastFrameOf(receipt)}
          isLive={(programme?.live ?? null) !== null}
          isBoard={programme?.board ?? false}
          sequence={sequence}
        />
      ) : null}
    </Paper>
  );
}

function ReceiptLines({
  receipt,
  frameCount,
  isLive,
  isBoard,
  sequence,
}: {
  readonly receipt: Receipt;
  readonly frameCount: number;
  readonly isLive: boolean;
  readonly isBoard: boolean;
  readonly sequence: SessionSequenceName | null;
}) {
  return (
    <>
      <FrameStrip
        marks={marksShown(marksOfRanges(receipt.frames, frameCount), isLive)}
        label={describeMarks(receipt.count, receipt.late, receipt.failed, isLive ? null : frameCount, isBoard)}
      />
      <Perforation />
      <div className={styles.pair}>
        <Lines>
          <Line name={`${framesWord(isBoard)} shown`}>
            <CountText value={receipt.count} of={isLive ? null : frameCount} />
          </Line>
          <Line name="On time">
            <CountText value={receipt.onTime} />
          </Line>
          <Line name="Late">
            <CountText value={receipt.late} />
          </Line>
        </Lines>
        <Lines>
          <Line name="Lost">
            <CountText value={receipt.failed} />
          </Line>
          <Line name="Never shown, not counted">
            <CountText value={receipt.withheld} />
          </Line>
          <Line name="Record counter">
            <CountText value={receipt.counter} />
          </Line>
        </Lines>
      </div>
      <Lines>
        {(isBoard ? [] : [...receipt.rungs]).map(([label, count]) => (
          <Line key={label} name={`At ${formatRung(label)}`}>
            <CountText value={count} />
          </Line>
        ))}
        <Line name="Session">{groupDigits(receipt.session)}</Line>
        {sequence === null ? null : (
          <Line name={SEQUENCE_LINE}>
            <SequenceText name={sequence} />
          </Line>
        )}
      </Lines>
      <Perforation />
      <Lines>
        <Line name="Total" strong>
          <MeteredAmountText value={amount(receipt.currency, receipt.amountMinor)} />
        </Line>
      </Lines>
    </>
  );
}

/** Frames to draw where the programme in the file cannot be read. */
function lastFrameOf(receipt: Receipt): number {
  return receipt.frames.at(-1)?.[1] ?? 0;
}
