// Downloads: what is kept for watching without a connection, how far each is and until when, and the room that it takes.

import { useState } from 'react';
import { Link } from 'wouter';
import type { Downloads } from '../../player/offline/downloads.ts';
import type { DownloadsState, DownloadView } from '../../player/offline/downloads-state.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Page } from '../ui/page.tsx';
import { RoomUsed, ShareBar } from '../ui/share-bar.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { type Intent, useIntent } from '../ui/use-intent.ts';
import { sayPhase, sayTerm, shareOf } from './download-words.ts';
import styles from './downloads.module.css';
import { readEntry } from './kept-catalogue.ts';
import { useDownloads } from './use-downloads.ts';

/** The screen at `/downloads`. */
export function DownloadsPage() {
  const downloads = useDownloads();
  return (
    <Page title="Downloads" narrow>
      {downloads === null ? <Waiting /> : <Shelf downloads={downloads} />}
    </Page>
  );
}

function Shelf({ downloads }: { readonly downloads: Downloads }) {
  const state = useStore(downloads.state);
  if (!state.read) return <Waiting />;
  if (state.list.length === 0) {
    return (
      <div className={styles.empty}>
        <p>
          Nothing is kept on this device yet. A programme that may be kept says so on its page: press Keep for offline,
          and watch it later without a connection.
        </p>
        <ButtonLink look="filled" icon="watch" href="/">
          See what there is
        </ButtonLink>
      </div>
    );
  }
  // One filled button a screen: what was kept first can be watched first.
  const first = state.list.find(({ phase, term }) => phase === 'here' && term === 'open');
  return (
    <div className={styles.page}>
      <Room state={state} />
      <ul className={styles.list}>
        {state.list.map((view) => (
          <li key={view.programmeId}>
            <Item view={view} downloads={downloads} first={view === first} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What is used of the room that the browser gives. */
function Room({ state: { space, persistent } }: { readonly state: DownloadsState }) {
  return (
    <section className={styles.room} aria-label="Storage">
      {space === null ? null : <RoomUsed {...space} />}
      <p className={styles.quiet}>
        {persistent
          ? 'The browser keeps downloads until you remove them.'
          : 'The browser may clear downloads when this device runs short of room. You pay for what was shown, and for nothing else.'}
      </p>
    </section>
  );
}

function Item({
  view,
  downloads,
  first,
}: {
  readonly view: DownloadView;
  readonly downloads: Downloads;
  readonly first: boolean;
}) {
  const { contentUrl } = useTerminal();
  const intent = useIntent();
  const entry = readEntry(view.catalogueEntry);
  return (
    <article className={styles.item} aria-label={view.title}>
      {entry === null ? (
        <span className={styles.poster} />
      ) : (
        <img className={styles.poster} src={contentUrl(entry.poster)} alt="" />
      )}
      <div className={styles.words}>
        <h2 className={styles.title}>
          <Link href={`/watch/${view.programmeId}`}>{view.title}</Link>
        </h2>
        <p className={styles.facts}>
          <span className={styles.figure}>{sayPhase(view)}</span>
          <span className={view.term === 'open' ? undefined : styles.over}>{sayTerm(view)}</span>
        </p>
        {view.phase === 'here' ? null : <Progress view={view} />}
        {view.phase === 'failed' && view.code !== null ? (
          <ErrorNote code={view.code} title="The download stopped" />
        ) : null}
        {intent.code === null ? null : <ErrorNote code={intent.code} title="That did not work" />}
        <Actions view={view} downloads={downloads} intent={intent} first={first} />
      </div>
    </article>
  );
}

function Progress({ view }: { readonly view: DownloadView }) {
  return (
    <div className={styles.progress}>
      <ShareBar
        share={shareOf(view)}
        tone={view.phase === 'fetching' ? 'going' : 'quiet'}
        label={`Download of ${view.title}`}
      />
      <span className={styles.quietFigure}>
        {view.doneFrames.toLocaleString('en')} of {view.frameCount.toLocaleString('en')} frames
      </span>
    </div>
  );
}

function Actions({
  view,
  downloads,
  intent,
  first,
}: {
  readonly view: DownloadView;
  readonly downloads: Downloads;
  readonly intent: Intent;
  readonly first: boolean;
}) {
  const { player, online } = useTerminal();
  const hasLine = useStore(online);
  const [asking, setAsking] = useState(false);
  const { programmeId, phase, term } = view;
  const busy = intent.busy !== null;
  if (asking) {
    return (
      <div className={styles.actions}>
        <p className={styles.question}>
          {term === 'open'
            ? 'Its files go, and it is settled: you pay for what was shown, and the rest comes back.'
            : 'Its files go. Its receipt stays.'}
        </p>
        <Button disabled={busy} onClick={() => intent.start('remove', () => downloads.remove(programmeId))}>
          Remove it
        </Button>
        <Button disabled={busy} onClick={() => setAsking(false)}>
          Keep it
        </Button>
      </div>
    );
  }
  const isStill = phase === 'paused' || phase === 'failed';
  return (
    <div className={styles.actions}>
      {term === 'open' && (phase === 'here' || hasLine) ? (
        <ButtonLink look={first ? 'filled' : 'plain'} icon="play" href={`/watch/${programmeId}`}>
          Play
        </ButtonLink>
      ) : null}
      {term === 'open' ? null : (
        <Button
          icon="replay"
          disabled={busy || !hasLine}
          onClick={() =>
            intent.start('again', () => downloads.keep(orderAgain(view, player.state.getSnapshot().session)))
          }
        >
          Keep again
        </Button>
      )}
      {phase === 'here' || term !== 'open' ? null : (
        <Button
          icon={isStill ? 'download' : 'pause'}
          disabled={busy}
          onClick={() =>
            intent.start('go', () => (isStill ? downloads.resume(programmeId) : downloads.pause(programmeId)))
          }
        >
          {isStill ? 'Resume' : 'Pause'}
        </Button>
      )}
      <Button disabled={busy} onClick={() => setAsking(true)}>
        Remove
      </Button>
    </div>
  );
}

/** The same parts once more; what is here is not fetched again. */
function orderAgain({ programmeId, catalogueEntry, labels }: DownloadView, playing: string | null) {
  const rung = labels.find((label) => label.startsWith('video/')) ?? '';
  return { programmeId, catalogueEntry, rung, sounds: labels.filter((label) => label.startsWith('audio/')), playing };
}

function Waiting() {
  return (
    <div role="status" aria-label="Loading downloads">
      <Skeleton width="12em" height={16} />
    </div>
  );
}
