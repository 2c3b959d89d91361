// What stands before the picture on /embed/player.html: the promise, the price and the button before the first play; a word while something is
// fetched; what went wrong and the way on; the receipt at the end. Drawn inside media-chrome's frame of controls, above the picture.

import { type MouseEvent, useEffect, useMemo, useRef } from 'react';
import type { CatalogueEntry } from '../../host/answers.ts';
import { rememberedPlace } from '../../player/comforts/remembered-place.ts';
import type { Player } from '../../player/player-intents.ts';
import type { PlayerState } from '../../player/player-state.ts';
import { amount, formatAmount, formatMeteredAmount } from '../../protocol/amount.ts';
import type { FareboxErrorCode } from '../../protocol/errors.ts';
import { sayContract } from '../contract-words.ts';
import { formatClock, formatLength, pricePerMinute } from '../format.ts';
import { openOffer } from '../state/contract-offer.ts';
import { createLoadable, type LoadableStore } from '../state/loadable.ts';
import type { TerminalPorts } from '../state/ports.ts';
import { useStore } from '../terminal-context.tsx';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { LargeButton, Middle, PHASE_WORDS, PhaseWord } from '../ui/over-picture.tsx';
import styles from './player.module.css';
import type { PressGate } from './player-press.ts';
import { ReceiptWay } from './player-ticket.tsx';

/** What both parts of the page are given. */
export type PlayerPageParts = {
  readonly player: Player;
  readonly ports: TerminalPorts;
  readonly catalogue: LoadableStore<readonly CatalogueEntry[]>;
  /** Empty where the address names none. */
  readonly programmeId: string;
  readonly gate: PressGate;
  /** Whether another site's page is around this one. */
  readonly framed: boolean;
};

/** Draws what the phase asks for; nothing while a picture plays. */
export function PlayerCurtain({ onBegin, ...given }: PlayerPageParts & { onBegin(): void }) {
  const state = useStore(given.player.state);
  const loaded = useStore(given.catalogue);
  const entries = 'value' in loaded ? loaded.value : [];
  const entry = entries.find(({ id }) => id === given.programmeId) ?? null;
  const word = PHASE_WORDS[state.phase];
  if (given.framed && isStorageDenied()) return <StorageDenied programmeId={given.programmeId} />;
  if (state.phase === 'idle' && entry === null) {
    if (loaded.state === 'loading') return null;
    return <Unknown code={loaded.state === 'failed' ? loaded.code : 'programme/unknown'} catalogue={given.catalogue} />;
  }
  return (
    <>
      {/* Cards have headings of their own; a picture has its programme's. */}
      {state.phase === 'idle' || state.phase === 'stopped' ? null : <h1 className={styles.unseen}>{entry?.title}</h1>}
      {!state.pictureShown && entry !== null ? (
        <img className={styles.poster} src={given.ports.provider.contentUrl(entry.poster)} alt="" />
      ) : null}
      {word === undefined ? null : <PhaseWord word={word} key={state.phase} />}
      {state.phase === 'idle' && entry !== null ? <PromiseCard {...given} entry={entry} onBegin={onBegin} /> : null}
      {state.phase === 'stopped' ? <Ended {...given} state={state} onBegin={onBegin} /> : null}
      {state.phase === 'failed' && state.code !== null ? (
        <Failed {...given} state={state} code={state.code} onBegin={onBegin} />
      ) : null}
    </>
  );
}

/** What is promised, what it costs, and the one button: nothing has been opened or counted. */
function PromiseCard({
  entry,
  ports,
  player,
  gate,
  framed,
  onBegin,
}: PlayerPageParts & { readonly entry: CatalogueEntry; onBegin(): void }) {
  const card = useWatched(gate);
  const offer = useMemo(() => createLoadable((signal) => openOffer(ports, entry.id, signal)), [ports, entry.id]);
  const promised = useStore(offer);
  const place = entry.live === null ? rememberedPlace(ports.notes, entry.id) : null;
  useEffect(() => void offer.reload(), [offer]);
  const minute = pricePerMinute(amount(entry.currency, BigInt(entry.priceMinor)), entry.frameDurationMs);
  const terms = 'value' in promised ? promised.value : null;
  const press = (fromMs: number | null) => (event: MouseEvent) => {
    if (!gate.press(event.nativeEvent)) return;
    onBegin();
    if (fromMs !== null) player.seek(fromMs);
  };
  return (
    <Middle>
      <section ref={card} className={styles.card} aria-label={entry.title}>
        <h1 className={styles.title}>{entry.title}</h1>
        <p className={styles.price}>
          {entry.live === null ? formatLength(entry.durationMs) : 'Live'} · {formatAmount(minute)} a minute
        </p>
        <LargeButton does="play" label={`Play ${entry.title}`} size={36} onClick={press(null)} />
        {place === null ? null : (
          <Button onClick={press(place)} icon="play">
            Go on from {formatClock(place)}
          </Button>
        )}
        {terms === null ? null : (
          <ul className={styles.promise} aria-label="What the provider promises">
            {sayContract(terms.terms).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
        <p className={styles.small}>
          {framed ? `${window.location.host} counts each frame that is shown. ` : ''}Nothing is counted before you press
          play.
        </p>
      </section>
    </Middle>
  );
}

function Ended({ state, onBegin, gate, ...given }: PlayerPageParts & { readonly state: PlayerState; onBegin(): void }) {
  const card = useWatched(gate);
  const { tally, session } = state;
  return (
    <Middle>
      <section ref={card} className={styles.card} aria-label="Receipt">
        <h1 className={styles.title}>{tally?.title ?? 'The end'}</h1>
        {tally === null ? null : (
          <p className={styles.price}>
            {tally.count} {tally.count === 1 ? 'frame' : 'frames'} · {formatMeteredAmount(tally.spent)}
          </p>
        )}
        <LargeButton
          does="again"
          label="Watch again"
          size={32}
          onClick={(event) => gate.press(event.nativeEvent) && onBegin()}
        />
        {session === null ? null : <ReceiptWay {...given} session={session} />}
        <p className={styles.small}>Watching again is counted again.</p>
      </section>
    </Middle>
  );
}

function Failed({
  state,
  code,
  player,
  ports,
  gate,
  onBegin,
}: PlayerPageParts & { readonly state: PlayerState; readonly code: FareboxErrorCode; onBegin(): void }) {
  const card = useWatched(gate);
  const again = (event: MouseEvent): void => {
    if (gate.press(event.nativeEvent)) onBegin();
  };
  const unlock = (event: MouseEvent): void => {
    if (gate.press(event.nativeEvent)) ports.module.call('unlock', {}).then(onBegin, () => gate.close());
  };
  return (
    <Middle>
      <div ref={card}>
        <ErrorNote code={code} title="This session cannot go on" over>
          {code === 'module/locked' ? (
            <Button look="filled" icon="key" onClick={unlock}>
              Unlock
            </Button>
          ) : (
            <Button look="filled" icon="replay" onClick={again}>
              {code === 'consent/refused' ? 'Ask me again' : 'Try again'}
            </Button>
          )}
          {state.session === null ? null : (
            <Button icon="receipts" onClick={player.stop}>
              Get the receipt
            </Button>
          )}
        </ErrorNote>
      </div>
    </Middle>
  );
}

function Unknown({
  code,
  catalogue,
}: {
  readonly code: FareboxErrorCode;
  readonly catalogue: PlayerPageParts['catalogue'];
}) {
  return (
    <Middle>
      <ErrorNote code={code} title="This programme is not here" over>
        {code === 'programme/unknown' ? null : (
          <Button look="filled" icon="replay" onClick={() => void catalogue.reload()}>
            Try again
          </Button>
        )}
      </ErrorNote>
    </Middle>
  );
}

/** Browsers may keep a site's storage from its frames in other sites; the module writes every frame down before it shows it. */
function isStorageDenied(): boolean {
  try {
    return window.localStorage.length < 0;
  } catch {
    return true;
  }
}

function StorageDenied({ programmeId }: { readonly programmeId: string }) {
  return (
    <Middle>
      <div className={styles.card}>
        <h1 className={styles.title}>It cannot play inside this page</h1>
        <p className={styles.small}>
          Your browser keeps its storage from {window.location.host} here, and without that nothing can be counted.
          Nothing was paid.
        </p>
        <a className={styles.link} href={`/watch/${programmeId}`} target="_blank" rel="noopener noreferrer">
          Watch it in Farebox
        </a>
      </div>
    </Middle>
  );
}

/** The gate looks after the card as long as it stands: price and promise have to be seen with the button. */
function useWatched(gate: PressGate) {
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => (card.current === null ? undefined : gate.watch(card.current)), [gate]);
  return card;
}
