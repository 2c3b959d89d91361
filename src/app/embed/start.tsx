// Starts a page of another player: checks the browser, starts the module in a frame that stays out of sight until it asks, and draws. Called by
// the entries of this folder, each with its way out and its player; `?programme=ID` names the programme.

import '../tokens.css';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import type { CatalogueEntry } from '../../host/answers.ts';
import type { ReadableStore } from '../../player/store.ts';
import type { FareboxErrorCode } from '../../protocol/errors.ts';
import { formatLength } from '../format.ts';
import { takeGround } from '../ground.tsx';
import { createLoadable, type LoadableStore } from '../state/loadable.ts';
import { followSurface } from '../state/surface.ts';
import { useStore } from '../terminal-context.tsx';
import { makeTerminalPorts } from '../terminal-ports.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Page } from '../ui/page.tsx';
import { TopBar } from '../ui/top-bar.tsx';
import styles from './embed.module.css';
import { EmbedPage } from './embed-page.tsx';
import { type AttachPlayer, createEmbedPlay, type EmbedPlay } from './embed-play.ts';
import type { EmbedWay } from './ways.ts';

type Catalogue = LoadableStore<readonly CatalogueEntry[]>;

/** Draws the page into the document that loaded the entry. */
export function startEmbed(way: EmbedWay, attach: AttachPlayer): void {
  const ground = takeGround();
  if (ground === null) return;
  const { root, moduleFrame, connection } = ground;
  const ports = makeTerminalPorts(connection);
  const catalogue: Catalogue = createLoadable((signal) => ports.provider.catalogue(signal));
  void catalogue.reload();
  const programmeId = new URLSearchParams(window.location.search).get('programme');
  const play = programmeId === null ? null : createEmbedPlay({ programmeId, mode: way.mode, ports, attach });
  const unlock = async (): Promise<void> => void (await ports.module.call('unlock', {}));
  root.render(
    <Shell moduleFrame={moduleFrame} asking={followSurface(ports.module)} way={way}>
      <Room {...{ way, catalogue, programmeId, play, unlock }} />
    </Shell>,
  );
}

function Shell({
  moduleFrame,
  asking,
  way,
  children,
}: {
  readonly moduleFrame: HTMLElement;
  readonly asking: ReadableStore<boolean>;
  readonly way: EmbedWay;
  readonly children: ReactNode;
}) {
  const place = useRef<HTMLDivElement>(null);
  const isAsking = useStore(asking);
  useLayoutEffect(() => place.current?.append(moduleFrame), [moduleFrame]);
  return (
    <>
      <div inert={isAsking}>
        <TopBar home={(props) => <a href="/" {...props} />}>
          <p className={styles.where}>The way out: {way.mode}</p>
        </TopBar>
        <main>{children}</main>
      </div>
      <section
        ref={place}
        className={styles.module}
        data-asking={isAsking ? '' : undefined}
        aria-label="Question of the secure module"
        aria-hidden={!isAsking}
        inert={!isAsking}
      />
    </>
  );
}

function Room({
  way,
  catalogue,
  programmeId,
  play,
  unlock,
}: {
  readonly way: EmbedWay;
  readonly catalogue: Catalogue;
  readonly programmeId: string | null;
  readonly play: EmbedPlay | null;
  unlock(): Promise<void>;
}) {
  const loaded = useStore(catalogue);
  if (loaded.state === 'loading') return null;
  if (loaded.state === 'failed') return <Refused code={loaded.code} onAgain={() => void catalogue.reload()} />;
  const entry = loaded.value.find(({ id }) => id === programmeId);
  if (play === null) return <Choices way={way} entries={loaded.value} />;
  if (entry === undefined) return <Refused code="programme/unknown" onAgain={null} />;
  return <EmbedPage way={way} entry={entry} play={play} unlock={unlock} />;
}

function Refused({ code, onAgain }: { readonly code: FareboxErrorCode; readonly onAgain: (() => void) | null }) {
  return (
    <Page title="Programme" hiddenTitle narrow>
      <ErrorNote
        code={code}
        title={onAgain === null ? 'This programme is not here' : 'The catalogue could not be fetched'}
      >
        {onAgain === null ? null : (
          <Button look="filled" icon="replay" onClick={onAgain}>
            Try again
          </Button>
        )}
      </ErrorNote>
    </Page>
  );
}

/** The programmes that offer this way out. */
function Choices({ way, entries }: { readonly way: EmbedWay; readonly entries: readonly CatalogueEntry[] }) {
  const offered = entries.filter(({ modes }) => modes.includes(way.mode));
  return (
    <Page title={`Play with ${way.player}`} narrow>
      {offered.length === 0 ? <p>No programme offers this way out.</p> : null}
      <ul className={styles.choices}>
        {offered.map(({ id, title, durationMs }) => (
          <li key={id}>
            <a href={`?programme=${id}`}>
              <strong>{title}</strong>
              <span>{formatLength(durationMs)}</span>
            </a>
          </li>
        ))}
      </ul>
    </Page>
  );
}
