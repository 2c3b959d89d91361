// The running ticket: the contract in three lines, the frames as ticks filling in, and what has been counted so far. Before a
// session is open it shows the same contract from the catalogue, so that nothing jumps when the counting begins.

import type { ReactNode } from 'react';
import type { CatalogueEntry } from '../../host/answers.ts';
import { isActive } from '../../player/machine.ts';
import type { PlayerState } from '../../player/player-state.ts';
import { RECENT_FRAMES } from '../../player/tally.ts';
import { amount, formatAmount } from '../../protocol/amount.ts';
import { formatRung, formatSeconds } from '../format.ts';
import { Button } from '../ui/button.tsx';
import { CountText, MeteredAmountText } from '../ui/figures.tsx';
import { FrameStrip, StripLegend } from '../ui/frame-strip.tsx';
import { Line, Lines, Paper, PaperHeading, Perforation } from '../ui/paper.tsx';
import { SEQUENCE_LINE, SequenceText } from '../ui/sequence-text.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { framesWord, isBoardEntry } from './board-words.ts';
import { DeliveryChart } from './delivery-chart.tsx';
import { describeMarks, marksShown } from './marks.ts';
import styles from './running-ticket.module.css';

/** `state` is null while another or no programme is open; `entry` while the catalogue is on its way. */
export function RunningTicket({
  entry,
  state,
  offer,
  settled,
  onStop,
}: {
  readonly entry: CatalogueEntry | null;
  readonly state: PlayerState | null;
  /** What the provider promises, in words; it comes later than the rest and goes last, so that nothing jumps. */
  readonly offer: ReactNode;
  /** False while the first picture is being waited for: what is drawn from its figures comes after it. */
  readonly settled: boolean;
  onStop(): void;
}) {
  const tally = state?.tally ?? null;
  const terms =
    tally ?? (entry === null ? null : { ...entry, price: amount(entry.currency, BigInt(entry.priceMinor)) });
  const isLive = tally?.isLive ?? (entry !== null && entry.live !== null);
  const whole = isLive ? null : (terms?.frameCount ?? 0);
  const marks = marksShown(tally?.marks ?? new Uint8Array(whole ?? 1), isLive);
  const isBoard = state?.measures?.isBoard ?? (entry !== null && isBoardEntry(entry));
  const counting = state?.phase === 'playing';
  const stoppable = state !== null && (isActive(state.phase) || state.phase === 'resuming' || isHeld(state));
  return (
    <Paper label="Running ticket" torn>
      <div className={styles.ticket}>
        <div className={styles.head}>
          <PaperHeading>Running ticket</PaperHeading>
          <p className={`${styles.meter} ${counting ? styles.live : ''}`}>{counting ? 'counting' : 'not counting'}</p>
        </div>
        {terms === null ? (
          <ContractSkeleton />
        ) : (
          <ol className={styles.contract}>
            <li>
              {isBoard
                ? `A stroke takes ${formatSeconds(terms.frameDurationMs)} at most; a longer line is several.`
                : `A frame is ${formatSeconds(terms.frameDurationMs)} of picture and sound.`}
            </li>
            <li>
              Each {isBoard ? 'stroke' : 'frame'} costs {formatAmount(terms.price)}.
            </li>
            <li>It counts when it is shown, once a session.</li>
          </ol>
        )}
        <div className={styles.strip}>
          <FrameStrip
            marks={marks}
            label={describeMarks(tally?.count ?? 0, tally?.late ?? 0, tally?.failed ?? 0, whole, isBoard)}
          />
          <StripLegend late={tally?.late ?? 0} failed={tally?.failed ?? 0} />
          {isBoard ? null : (
            <DeliveryChart
              recent={settled ? (tally?.recent ?? []) : []}
              rungs={state?.measures?.rungs.map(({ label }) => label) ?? []}
              room={RECENT_FRAMES}
            />
          )}
        </div>
        <Perforation />
        <div className={styles.price}>
          <Lines>
            <Line name="Price so far" strong>
              {tally ? (
                <MeteredAmountText value={tally.spent} />
              ) : terms ? (
                <MeteredAmountText value={amount(terms.price.currency, 0n)} />
              ) : (
                <Skeleton width="4em" height={28} />
              )}
            </Line>
          </Lines>
        </div>
        <div className={styles.counts}>
          <Lines>
            <Line name={`${framesWord(isBoard)} decrypted`}>
              <CountText value={tally?.count ?? 0} of={whole} />
            </Line>
            <Line name="Allowance left">{tally ? <MeteredAmountText value={tally.allowance} /> : '–'}</Line>
            {isBoard ? null : <Line name="Quality">{tally?.rung ? formatRung(tally.rung) : '–'}</Line>}
            <Line name="Record counter">{tally ? <CountText value={tally.counter} /> : '–'}</Line>
            <Line name={SEQUENCE_LINE}>{tally ? <SequenceText name={tally.sequence} /> : '–'}</Line>
          </Lines>
        </div>
        <div className={styles.stop}>
          <Button look="paper" icon="stop" onClick={onStop} disabled={!stoppable}>
            Stop and print the receipt
          </Button>
        </div>
        {offer}
      </div>
    </Paper>
  );
}

/** Something went wrong, and there is a session whose receipt can be made. */
function isHeld({ phase, session }: PlayerState): boolean {
  return phase === 'failed' && session !== null;
}

function ContractSkeleton() {
  return (
    <div className={styles.contract}>
      {['18em', '12em', '16em'].map((width) => (
        <div key={width} className={styles.blank}>
          <Skeleton width={width} height={14} />
        </div>
      ))}
    </div>
  );
}
