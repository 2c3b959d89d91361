// The page of another player: the picture, what this way out gives away in plain words, the count that runs, and the receipt at the end.

import { useRef, useState } from 'react';
import type { CatalogueEntry } from '../../host/answers.ts';
import type { Output, OutputState } from '../../player/outputs/output.ts';
import { amount, formatAmount } from '../../protocol/amount.ts';
import type { FareboxErrorCode } from '../../protocol/errors.ts';
import { formatLength, formatRung, pricePerMinute } from '../format.ts';
import { useStore } from '../terminal-context.tsx';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { CountText, MeteredAmountText } from '../ui/figures.tsx';
import { FrameStrip } from '../ui/frame-strip.tsx';
import { PageTitle } from '../ui/page.tsx';
import { Line, Lines, Paper, PaperHeading, Perforation } from '../ui/paper.tsx';
import { Select } from '../ui/select.tsx';
import { describeMarks, marksShown } from '../watch/marks.ts';
import { trackWords } from '../watch/track-words.ts';
import styles from './embed.module.css';
import type { EmbedPlay } from './embed-play.ts';
import type { EmbedWay } from './ways.ts';

/** `unlock` has the module ask for a way to unlock it, on its own surface. */
export function EmbedPage({
  way,
  entry,
  play,
  unlock,
}: {
  readonly way: EmbedWay;
  readonly entry: CatalogueEntry;
  readonly play: EmbedPlay;
  unlock(): Promise<void>;
}) {
  const video = useRef<HTMLVideoElement>(null);
  const state = useStore(play.state);
  const start = (): void => {
    if (video.current !== null) void play.start(video.current);
  };
  const minute = pricePerMinute(amount(entry.currency, BigInt(entry.priceMinor)), entry.frameDurationMs);
  return (
    <div className={styles.page}>
      <div>
        <div className={styles.area}>
          {/* biome-ignore lint/a11y/useMediaCaption: the other player makes the tracks itself, from the frames that it was given */}
          <video ref={video} className={styles.picture} controls={state.phase === 'playing'} playsInline />
          {state.phase === 'ready' || state.phase === 'opening' ? (
            <Button look="filled" icon="play" onClick={start} disabled={state.phase === 'opening'}>
              {state.phase === 'opening' ? 'Agreeing with the provider' : `Play with ${way.player}`}
            </Button>
          ) : null}
          {state.phase === 'failed' ? (
            <Failed code={state.code} programmeId={entry.id} onAgain={start} unlock={unlock} />
          ) : null}
        </div>
        <div className={styles.words}>
          <PageTitle>{entry.title}</PageTitle>
          <p className={styles.facts}>
            {entry.live === null ? formatLength(entry.durationMs) : 'Live'} · {formatAmount(minute)} a minute ·{' '}
            {entry.rungs.map(formatRung).join(', ')}
          </p>
          {state.phase === 'playing' ? <CaptionsChoice output={state.output} onChoose={play.showCaptions} /> : null}
          {state.phase === 'playing' && state.refused !== null ? (
            <ErrorNote code={state.refused} title="A piece did not come" />
          ) : null}
        </div>
      </div>
      <aside className={styles.side}>
        {'output' in state ? (
          <Ticket state={state} isLive={entry.live !== null} onStop={() => void play.stop()} />
        ) : null}
        <PlainWords way={way} />
        {'output' in state ? null : <p className={styles.hint}>Nothing is counted before you press play.</p>}
      </aside>
    </div>
  );
}

/** A choice of the programme's captions; nothing where it has none. */
function CaptionsChoice({ output, onChoose }: { readonly output: Output; onChoose(label: string | null): void }) {
  const [chosen, setChosen] = useState('');
  const captions = output.manifest.parts.filter((part) => part.kind === 'captions');
  if (captions.length === 0) return null;
  const choices = captions.map((part, at) => ({ value: part.label, word: trackWords(part, at).word }));
  const choose = (label: string): void => {
    setChosen(label);
    onChoose(label === '' ? null : label);
  };
  return (
    <Select label="Captions" choices={[{ value: '', word: 'Off' }, ...choices]} chosen={chosen} onChoose={choose} />
  );
}

/** What this way out gives away, and what holds all the same. */
function PlainWords({ way }: { readonly way: EmbedWay }) {
  return (
    <section className={styles.promise} aria-labelledby="promise">
      <h2 id="promise">{way.heading}</h2>
      <ul>
        {way.givesAway.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <h3>What holds as ever</h3>
      <ul>
        {way.holds.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}

type Opened = Extract<ReturnType<EmbedPlay['state']['getSnapshot']>, { output: Output }>;

function Ticket({ state, isLive, onStop }: { readonly state: Opened; readonly isLive: boolean; onStop(): void }) {
  const { phase, output } = state;
  const counted = useStore(output.state);
  const { tally } = counted;
  // How many there may ever be of a live programme says nothing to anybody.
  const frameCount = isLive ? null : tally.frameCount;
  return (
    <Paper label={phase === 'stopped' ? 'Receipt' : 'Running ticket'} torn={phase !== 'stopped'}>
      <PaperHeading>{phase === 'stopped' ? 'Receipt' : 'Running ticket'}</PaperHeading>
      <FrameStrip
        marks={marksShown(tally.marks, isLive)}
        label={describeMarks(tally.count, tally.late, tally.failed, frameCount)}
      />
      <Perforation />
      <Lines>
        <Line name={phase === 'stopped' ? 'Total' : 'Price so far'} strong>
          <MeteredAmountText value={tally.spent} />
        </Line>
        <Line name="Frames counted">
          <CountText value={tally.count} {...(frameCount === null ? {} : { of: frameCount })} />
        </Line>
        <Line name="Handed to this page">
          <CountText value={counted.handedOver} />
        </Line>
        <Line name="A frame costs">
          <MeteredAmountText value={tally.price} />
        </Line>
      </Lines>
      <div className={styles.actions}>
        {phase === 'stopped' ? (
          <ReceiptLink session={tally.session} code={state.code} />
        ) : (
          <Button look="paper" icon="stop" onClick={onStop} disabled={phase === 'settling'}>
            {phase === 'settling' ? 'Making the receipt' : 'Stop and make the receipt'}
          </Button>
        )}
        <Trouble counted={counted} phase={phase} />
      </div>
    </Paper>
  );
}

function ReceiptLink({ session, code }: { readonly session: string; readonly code: FareboxErrorCode | null }) {
  return (
    <>
      <a className={styles.link} href={`/receipts/${session}`}>
        Open the receipt
      </a>
      <p className={styles.note}>
        {code === null
          ? 'The provider agrees with this receipt.'
          : 'The receipt is kept on this device. The provider has not answered yet; Farebox asks again by itself.'}
      </p>
    </>
  );
}

function Trouble({ counted, phase }: { readonly counted: OutputState; readonly phase: Opened['phase'] }) {
  if (phase !== 'playing') return null;
  if (counted.closed) return <p className={styles.note}>This viewing was closed in another tab.</p>;
  if (counted.trouble !== null) return <p className={styles.note}>The line is bad; Farebox goes on trying.</p>;
  return null;
}

function Failed({
  code,
  programmeId,
  onAgain,
  unlock,
}: {
  readonly code: FareboxErrorCode;
  readonly programmeId: string;
  onAgain(): void;
  unlock(): Promise<void>;
}) {
  const [refused, setRefused] = useState(false);
  const unlockAndGo = (): void => {
    unlock().then(onAgain, () => setRefused(true));
  };
  return (
    <div className={styles.failed}>
      <ErrorNote code={code} title="The programme could not be opened" over>
        {code === 'grant/mode' ? (
          <a className={styles.elsewhere} href={`/watch/${programmeId}`}>
            Watch it in Farebox
          </a>
        ) : code === 'module/locked' ? (
          <Button look="filled" icon="lock" onClick={unlockAndGo}>
            {refused ? 'Unlock again' : 'Unlock'}
          </Button>
        ) : (
          <Button look="filled" icon="replay" onClick={onAgain}>
            Try again
          </Button>
        )}
      </ErrorNote>
    </div>
  );
}
