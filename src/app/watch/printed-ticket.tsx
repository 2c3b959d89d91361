// The ticket printed when a session ends: its lines appear one by one, then the paper slides away to Receipts and leaves its stub.
// What it shows is the session's last tally; the receipt itself is in the drawer.

import { useState } from 'react';
import type { Tally } from '../../player/tally.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { CountText, MeteredAmountText } from '../ui/figures.tsx';
import { FrameStrip } from '../ui/frame-strip.tsx';
import { Line, Lines, Paper, PaperHeading, Perforation } from '../ui/paper.tsx';
import { Verdict } from '../ui/verdict.tsx';
import { framesWord } from './board-words.ts';
import { describeMarks, marksShown } from './marks.ts';
import styles from './printed-ticket.module.css';

/** `tally` is null where the session was closed before anything was counted here. */
export function PrintedTicket({
  tally,
  session,
  isBoard,
  onAgain,
}: {
  readonly tally: Tally | null;
  readonly session: string | null;
  readonly isBoard: boolean;
  onAgain(): void;
}) {
  const [gone, setGone] = useState(false);
  const { drawer } = useTerminal();
  const loaded = useStore(drawer);
  const receipt = 'value' in loaded ? loaded.value.receipts.find((each) => each.session === session) : undefined;
  const state = receipt?.state ?? 'durable';
  const accepted = state === 'accepted';
  return (
    <div className={styles.place}>
      {gone || tally === null ? null : (
        <div
          className={styles.printing}
          onAnimationEnd={(event) => {
            if (event.target === event.currentTarget) setGone(true);
          }}
        >
          <Paper label="Receipt being printed" torn>
            <div className={styles.lines}>
              <PaperHeading>Receipt</PaperHeading>
              <p className={styles.title}>{tally.title}</p>
              <FrameStrip
                marks={marksShown(tally.marks, tally.isLive)}
                label={describeMarks(
                  tally.count,
                  tally.late,
                  tally.failed,
                  tally.isLive ? null : tally.frameCount,
                  isBoard,
                )}
              />
              <Perforation />
              <Lines>
                <Line name={`${framesWord(isBoard)} decrypted`}>
                  <CountText value={tally.count} of={tally.isLive ? null : tally.frameCount} />
                </Line>
              </Lines>
              <Lines>
                <Line name="Each">
                  <MeteredAmountText value={tally.price} />
                </Line>
              </Lines>
              <Lines>
                <Line name="Record counter">
                  <CountText value={tally.counter} />
                </Line>
              </Lines>
              <Lines>
                <Line name="Total" strong>
                  <MeteredAmountText value={tally.spent} />
                </Line>
              </Lines>
            </div>
          </Paper>
        </div>
      )}
      <div className={gone || tally === null ? styles.stub : styles.coming}>
        <Paper label="Receipt">
          <PaperHeading>Receipt</PaperHeading>
          <Lines>
            <Line name={tally?.title ?? 'Session'}>{tally ? <MeteredAmountText value={tally.spent} /> : null}</Line>
            <Line name={accepted ? 'The provider agrees' : 'Kept on this device'}>
              <Verdict kind={accepted ? 'good' : state === 'refused' ? 'bad' : 'unsure'} word={state} onPaper />
            </Line>
          </Lines>
          {state === 'durable' ? (
            <p className={styles.hint}>The provider has not answered yet. It is asked again by itself.</p>
          ) : state === 'refused' ? (
            <p className={styles.hint}>The provider has another receipt for this session, from another copy.</p>
          ) : null}
        </Paper>
        <div className={styles.actions}>
          {session === null ? null : (
            <ButtonLink look="filled" icon="receipts" href={`/receipts/${session}`}>
              Open the receipt
            </ButtonLink>
          )}
          <Button icon="replay" onClick={onAgain}>
            Watch again
          </Button>
        </div>
      </div>
    </div>
  );
}
