// One programme: the place where the stage is laid, its title, and the running ticket beside it. Opens the programme when it is
// shown after a click, and lets go of it when it is left.

import { Suspense, useCallback, useEffect } from 'react';
import type { CatalogueEntry } from '../../host/answers.ts';
import type { PlayerState } from '../../player/player-state.ts';
import { amount, formatAmount } from '../../protocol/amount.ts';
import { useCatalogueEntry, usePosterUrl } from '../catalogue-entry.ts';
import { formatLength, formatRung, pricePerMinute } from '../format.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import { PageTitle } from '../ui/page.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { LockedNote, useLocked } from '../unlock-button.tsx';
import { isBoardEntry } from './board-words.ts';
import styles from './programme-page.module.css';
import { RunningTicket } from './running-ticket.tsx';
import { StartButton } from './stage-curtain.tsx';
import { useSettled } from './use-settled.ts';
import { WaysOut } from './ways-out.tsx';

/** In a chunk of its own: the first picture waits for none of it. */
const ContractOfferPart = lazyPart(async () => (await import('./contract-offer.tsx')).ContractOfferPart);

/** As that one. */
const ResumeStart = lazyPart(async () => (await import('./resume-offer.tsx')).ResumeStart);
const PrintedTicket = lazyPart(async () => (await import('./printed-ticket.tsx')).PrintedTicket);
const KeepPart = lazyPart(async () => (await import('./keep-part.tsx')).KeepPart);

/** The screen at `/watch/:id`. `onArea` is told the element over which the stage is to be laid. */
export function ProgrammePage({
  programmeId,
  onArea,
}: {
  readonly programmeId: string;
  readonly onArea: (area: HTMLElement | null) => void;
}) {
  const { player, catalogue } = useTerminal();
  const state = useStore(player.state);
  const loaded = useStore(catalogue);
  const entry = useCatalogueEntry(programmeId);
  const poster = usePosterUrl(programmeId);
  const locked = useLocked();
  const settled = useSettled(state, programmeId);
  const open = useCallback(() => player.open(programmeId), [player, programmeId]);

  useEffect(() => {
    // Sound needs a gesture, and nothing should begin to cost because an address was opened.
    const isOpened = player.state.getSnapshot().programmeId === programmeId;
    if (isOpened) return player.leave;
    if (navigator.userActivation?.hasBeenActive ?? false) open();
    else player.prepare(programmeId);
    return player.leave;
  }, [player, open, programmeId]);

  const here = state.programmeId === programmeId;
  const known = entry !== null || loaded.state === 'loading';
  if (!known && !here) return <UnknownProgramme failed={loaded.state === 'failed' ? loaded.code : null} />;
  const title = entry?.title ?? state.tally?.title ?? 'Programme';
  return (
    <div className={styles.page}>
      <div className={styles.main}>
        <div
          ref={here ? onArea : undefined}
          className={`${styles.area} ${here && state.phase === 'failed' ? styles.failed : ''}`}
        >
          {poster !== null && !here ? <img className={styles.poster} src={poster} alt="" /> : null}
          {here ? null : locked ? (
            <LockedNote what={title} />
          ) : (
            <StartButton programmeId={programmeId} title={title} onStart={open} />
          )}
          {here || locked ? null : (
            <Suspense fallback={null}>
              <ResumeStart programmeId={programmeId} />
            </Suspense>
          )}
        </div>
        <div className={styles.words}>
          <PageTitle>{title}</PageTitle>
          <p className={styles.facts}>{entry === null ? <Skeleton width="8em" height={14} /> : factsOf(entry)}</p>
          {entry === null ? null : <Keep entry={entry} />}
          {here ? <Trouble state={state} /> : null}
        </div>
      </div>
      <aside className={styles.side} aria-label="Ticket">
        <Suspense fallback={null}>
          {state.phase === 'stopped' && here ? (
            <PrintedTicket
              tally={state.tally}
              session={state.session}
              isBoard={state.measures?.isBoard ?? false}
              onAgain={() => player.open(programmeId, 0)}
            />
          ) : (
            <RunningTicket
              entry={entry}
              state={here ? state : null}
              offer={
                settled && (
                  <Suspense fallback={null}>
                    <ContractOfferPart programmeId={programmeId} />
                  </Suspense>
                )
              }
              settled={settled}
              onStop={player.stop}
            />
          )}
        </Suspense>
      </aside>
      <div className={styles.more}>
        <Keys isBoard={entry !== null && isBoardEntry(entry)} />
        {entry === null ? null : <WaysOut entry={entry} />}
      </div>
    </div>
  );
}

/** For a programme that may be kept, or is. */
function Keep({ entry }: { readonly entry: CatalogueEntry }) {
  const ids = useStore(useTerminal().ports.kept.ids);
  if (entry.offlineMs === null && !ids.includes(entry.id)) return null;
  return (
    <div className={styles.keep}>
      <Suspense fallback={null}>
        <KeepPart entry={entry} />
      </Suspense>
    </div>
  );
}

function factsOf(entry: CatalogueEntry): string {
  const { durationMs, currency, priceMinor, frameDurationMs, rungs } = entry;
  if (isBoardEntry(entry)) {
    const each = formatAmount(amount(currency, BigInt(priceMinor)));
    return `Whiteboard · ${each} a stroke · ${entry.live?.ended ? 'ended' : 'live now'}`;
  }
  const minute = pricePerMinute(amount(currency, BigInt(priceMinor)), frameDurationMs);
  const length = entry.live === null ? formatLength(durationMs) : entry.live.ended ? 'Live, ended' : 'Live now';
  return `${length} · ${formatAmount(minute)} a minute · ${rungs.map(formatRung).join(', ')}`;
}

const KEYS = [
  ['Space', 'plays and holds'],
  ['← →', 'five seconds'],
  ['M', 'sound'],
  ['C', 'captions'],
  ['< >', 'speed'],
  ['F', 'full screen'],
  ['?', 'all of them'],
] as const;

/** A board has neither. */
const OF_SOUND_AND_WORDS: readonly string[] = ['M', 'C'];

/** The keys worth knowing; shown where there is a keyboard to be expected. */
function Keys({ isBoard }: { readonly isBoard: boolean }) {
  const keys = isBoard ? KEYS.filter(([pressed]) => !OF_SOUND_AND_WORDS.includes(pressed)) : KEYS;
  return (
    <ul className={styles.keys} aria-label="Keys">
      {keys.map(([pressed, does]) => (
        <li key={pressed}>
          <kbd>{pressed}</kbd> {does}
        </li>
      ))}
    </ul>
  );
}

// No line at all is said by the notice above every screen, and what became of a receipt on its ticket.
function Trouble({ state }: { readonly state: PlayerState }) {
  if (state.trouble === null || state.trouble === 'network/offline') return null;
  if (state.phase === 'failed' || state.phase === 'stopped') return null;
  return <ErrorNote code={state.trouble} title={troubleTitle(state.trouble)} />;
}

function troubleTitle(code: string): string {
  if (code.startsWith('network/')) return 'The line is bad; Farebox goes on trying';
  if (code.startsWith('captions/')) return 'Some captions could not be read';
  if (code.startsWith('previews/')) return 'Some previews could not be read';
  return code.startsWith('frame/') ? 'One frame could not be shown' : 'Something went wrong; play goes on';
}

function UnknownProgramme({ failed }: { readonly failed: Parameters<typeof ErrorNote>[0]['code'] | null }) {
  const { catalogue } = useTerminal();
  return (
    <div className={styles.unknown}>
      <PageTitle hidden>Programme</PageTitle>
      <ErrorNote
        code={failed ?? 'programme/unknown'}
        title={failed === null ? 'This programme is not in the catalogue' : 'The catalogue could not be fetched'}
      >
        {failed === null ? (
          <ButtonLink look="filled" href="/">
            See what there is
          </ButtonLink>
        ) : (
          <Button look="filled" icon="replay" onClick={() => void catalogue.reload()}>
            Try again
          </Button>
        )}
      </ErrorNote>
    </div>
  );
}
