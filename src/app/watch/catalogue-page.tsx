// Watch: the catalogue. The first programme large, the others in a grid; each says how long it is and what a minute costs.

import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';
import type { CatalogueEntry } from '../../host/answers.ts';
import { amount } from '../../protocol/amount.ts';
import { formatLength, pricePerMinute } from '../format.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { AmountText } from '../ui/figures.tsx';
import { isOnAir, LiveBadge } from '../ui/live-badge.tsx';
import { Page } from '../ui/page.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { isBoardEntry } from './board-words.ts';
import styles from './catalogue-page.module.css';
import { useFreshCatalogue } from './use-fresh-catalogue.ts';
import { isPlainPress, usePointing } from './use-pointing.ts';

/** On a page that is never idle. */
const OFFER_WITHIN_MS = 2_000;

/** The screen at `/`. */
export function CataloguePage() {
  const { catalogue, ports } = useTerminal();
  const loaded = useStore(catalogue);
  const isAllKept = useStore(ports.kept.isAll);
  useFreshCatalogue(catalogue);
  const retry = (
    <Button look="filled" icon="replay" onClick={() => void catalogue.reload()}>
      Try again
    </Button>
  );
  return (
    <Page title="Watch" hiddenTitle>
      {loaded.state === 'loading' ? <CatalogueSkeleton /> : null}
      {'value' in loaded ? <KeptLine isAll={isAllKept} retry={retry} entries={loaded.value} /> : null}
      {loaded.state === 'failed' || loaded.state === 'stale' ? (
        <ErrorNote code={loaded.code} title="The catalogue could not be fetched">
          {retry}
        </ErrorNote>
      ) : null}
      {'value' in loaded ? (
        loaded.value.length === 0 ? (
          <EmptyCatalogue />
        ) : (
          <Programmes entries={loaded.value} />
        )
      ) : null}
    </Page>
  );
}

/** The way to what is kept; and the word that this is all there is, while the provider cannot be reached. */
function KeptLine({
  isAll,
  retry,
  entries,
}: {
  readonly isAll: boolean;
  readonly retry: ReactNode;
  readonly entries: readonly CatalogueEntry[];
}) {
  const ids = useStore(useTerminal().ports.kept.ids);
  if (ids.length === 0 && !entries.some(({ offlineMs }) => offlineMs !== null)) return null;
  return (
    <div className={styles.kept}>
      {isAll ? <p role="status">The provider cannot be reached. This is what you have kept.</p> : null}
      {isAll ? retry : null}
      <ButtonLink icon="download" href="/downloads">
        Downloads
      </ButtonLink>
    </div>
  );
}

function Programmes({ entries }: { readonly entries: readonly CatalogueEntry[] }) {
  return (
    <ul className={styles.grid}>
      {entries.map((entry, place) => (
        <li key={entry.id} className={place === 0 ? styles.first : undefined}>
          <ProgrammeCard entry={entry} first={place === 0} />
        </li>
      ))}
    </ul>
  );
}

function ProgrammeCard({ entry, first }: { readonly entry: CatalogueEntry; readonly first: boolean }) {
  const { contentUrl, player, ports } = useTerminal();
  const isKept = useStore(ports.kept.ids).includes(entry.id);
  const pointing = usePointing(entry.id);
  useEffect(() => {
    if (!first) return;
    // The screen comes first: what a press will need is fetched when the page has nothing else to do.
    const idle = requestIdleCallback(() => player.offer(entry.id), { timeout: OFFER_WITHIN_MS });
    return () => cancelIdleCallback(idle);
  }, [player, first, entry.id]);
  const minute = pricePerMinute(amount(entry.currency, BigInt(entry.priceMinor)), entry.frameDurationMs);
  return (
    <Link
      href={`/watch/${entry.id}`}
      className={styles.card}
      {...pointing}
      // At the press and not with the page that it leads to: drawing that goes on beside opening.
      onClick={(event) => isPlainPress(event) && player.open(entry.id)}
    >
      <img
        className={styles.poster}
        src={contentUrl(entry.poster)}
        alt=""
        width={1280}
        height={720}
        loading={first ? 'eager' : 'lazy'}
        fetchPriority={first ? 'high' : 'auto'}
      />
      <div className={styles.words}>
        <h2 className={styles.title}>{entry.title}</h2>
        <p className={styles.facts}>
          {isOnAir(entry) ? <LiveBadge /> : <span>{isBoardEntry(entry) ? 'Whiteboard' : lengthOf(entry)}</span>}
          <span>
            {isBoardEntry(entry) ? (
              <>
                <AmountText value={amount(entry.currency, BigInt(entry.priceMinor))} /> a stroke
              </>
            ) : (
              <>
                <AmountText value={minute} /> a minute
              </>
            )}
          </span>
          {isKept ? <span>on this device</span> : entry.modes.length > 1 ? <span>other players too</span> : null}
        </p>
      </div>
    </Link>
  );
}

/** Of a live programme that has ended, what is still on sale. */
function lengthOf({ durationMs, frameDurationMs, live }: CatalogueEntry): string {
  return formatLength(live === null ? durationMs : Math.min(live.edge, live.windowFrames) * frameDurationMs);
}

function EmptyCatalogue() {
  return (
    <div className={styles.empty}>
      <h2 className={styles.title}>Nothing to watch yet</h2>
      <p>This provider has published no programme. If it is yours, publish a video of your own:</p>
      <code className={styles.command}>npm run farebox -- publish film.mp4 --title "My film"</code>
    </div>
  );
}

function CatalogueSkeleton() {
  return (
    <div className={styles.grid} role="status" aria-label="Loading the catalogue">
      {[0, 1, 2].map((place) => (
        <div key={place} className={place === 0 ? styles.first : undefined}>
          <div className={styles.card}>
            <div className={styles.poster} />
            <div className={styles.words}>
              <div className={styles.title}>
                <Skeleton width="12em" height={place === 0 ? 32 : 20} />
              </div>
              <p className={styles.facts}>
                <Skeleton width="10em" height={14} />
              </p>
            </div>
          </div>
        </div>
      ))}
    </div>
  );
}
