// Keeping a programme, on its own page: what it costs, until when it may be watched, in which quality; and how far it is when it comes. In a chunk of its own.

import { useState } from 'react';
import { Link } from 'wouter';
import type { CatalogueEntry } from '../../host/answers.ts';
import type { Downloads } from '../../player/offline/downloads.ts';
import { filesToKeep, labelsToKeep, sizeOf } from '../../player/offline/keep-plan.ts';
import { soundsOf, type TrackOption } from '../../player/tracks.ts';
import { amount, formatAmount, multiply } from '../../protocol/amount.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { sayLength, sayPhase, sayTerm } from '../downloads/download-words.ts';
import styles from '../downloads/downloads.module.css';
import { useDownloads } from '../downloads/use-downloads.ts';
import { formatMoment, formatRung, formatSize } from '../format.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Select } from '../ui/select.tsx';
import { useIntent } from '../ui/use-intent.ts';
import { trackWords } from './track-words.ts';

/** For a programme that may be kept, or is. */
export function KeepPart({ entry }: { readonly entry: CatalogueEntry }) {
  const downloads = useDownloads();
  return downloads === null ? null : <Known entry={entry} downloads={downloads} />;
}

function Known({ entry, downloads }: { readonly entry: CatalogueEntry; readonly downloads: Downloads }) {
  const { read, list } = useStore(downloads.state);
  const view = list.find(({ programmeId }) => programmeId === entry.id);
  if (!read) return null;
  if (view === undefined)
    return entry.offlineMs === null ? null : <Offer entry={entry} downloads={downloads} termMs={entry.offlineMs} />;
  return (
    <p className={styles.kept} role="status">
      <span>{sayPhase(view)}</span>
      <span>{sayTerm(view)}</span>
      <Link href="/downloads">Downloads</Link>
    </p>
  );
}

function Offer({
  entry,
  downloads,
  termMs,
}: {
  readonly entry: CatalogueEntry;
  readonly downloads: Downloads;
  readonly termMs: number;
}) {
  const intent = useIntent();
  const [manifest, setManifest] = useState<Manifest | null>(null);
  return (
    <div className={styles.keep}>
      {manifest === null ? (
        <div className={styles.actions}>
          <Button
            icon="download"
            disabled={intent.busy !== null}
            onClick={() => intent.start('describe', () => downloads.describe(entry.id), setManifest)}
          >
            Keep for offline
          </Button>
          <Terms entry={entry} termMs={termMs} />
        </div>
      ) : (
        <Choice
          entry={entry}
          downloads={downloads}
          manifest={manifest}
          termMs={termMs}
          onCancel={() => setManifest(null)}
        />
      )}
      {intent.code === null ? null : <ErrorNote code={intent.code} title="It cannot be kept now" />}
    </div>
  );
}

/** Said where one looks and again where one decides. */
function Terms({ entry, termMs }: { readonly entry: CatalogueEntry; readonly termMs: number }) {
  const price = formatAmount(multiply(amount(entry.currency, BigInt(entry.priceMinor)), entry.frameCount));
  return (
    <p className={styles.quiet}>
      {price} at most, for {sayLength(termMs)}. You pay for what you watch.
    </p>
  );
}

function soundWords(sound: TrackOption, at: number): string {
  const { word, note } = trackWords(sound, at);
  return note === '' ? `Sound: ${word}` : `Sound: ${word}, ${note}`;
}

/** Which quality and which sounds, with what each weighs; then the module may ask for the money. */
function Choice({
  entry,
  downloads,
  manifest,
  termMs,
  onCancel,
}: {
  readonly entry: CatalogueEntry;
  readonly downloads: Downloads;
  readonly manifest: Manifest;
  readonly termMs: number;
  onCancel(): void;
}) {
  const { player } = useTerminal();
  const intent = useIntent();
  const rungs = manifest.parts.filter(({ kind }) => kind === 'video').toSorted((a, b) => a.bitrate - b.bitrate);
  const others = soundsOf(manifest).filter(({ role }) => role !== 'main');
  const [rung, setRung] = useState(rungs[0]?.label ?? '');
  const [sounds, setSounds] = useState<readonly string[]>([]);
  const [nowMs] = useState(() => Date.now());
  const weigh = (label: string): string =>
    formatSize(sizeOf(filesToKeep(manifest, labelsToKeep(manifest, { rung: label, sounds }))));
  const keep = (): void => {
    const { session } = player.state.getSnapshot();
    const order = { programmeId: entry.id, rung, sounds, playing: session, catalogueEntry: JSON.stringify(entry) };
    intent.start('keep', () => downloads.keep(order));
  };
  return (
    <fieldset className={styles.choice}>
      <legend>Keep it on this device until {formatMoment(nowMs + termMs)}</legend>
      <Terms entry={entry} termMs={termMs} />
      <Select
        label="Quality"
        choices={rungs.map(({ label }) => ({ value: label, word: `${formatRung(label)}, ${weigh(label)}` }))}
        chosen={rung}
        disabled={intent.busy !== null}
        onChoose={setRung}
      />
      {others.map((sound, at) => (
        <label key={sound.label} className={styles.sound}>
          <input
            type="checkbox"
            checked={sounds.includes(sound.label)}
            disabled={intent.busy !== null}
            onChange={({ target }) =>
              setSounds(target.checked ? [...sounds, sound.label] : sounds.filter((label) => label !== sound.label))
            }
          />
          {soundWords(sound, at + 1)}
        </label>
      ))}
      <div className={styles.actions}>
        <Button look="filled" icon="download" disabled={intent.busy !== null} onClick={keep}>
          {intent.busy === null ? 'Keep it' : 'Being set aside'}
        </Button>
        <Button disabled={intent.busy !== null} onClick={onCancel}>
          Not now
        </Button>
      </div>
      {intent.code === null ? null : <ErrorNote code={intent.code} title="It cannot be kept now" />}
    </fieldset>
  );
}
