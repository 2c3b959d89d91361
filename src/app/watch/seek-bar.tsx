// The seek bar: place of play, what is decrypted, what is buffered, where chapters begin. A native slider over drawn tracks, so that keyboard
// and screen readers work; pointing shows the place and its preview, dragging seeks when let go.

import { useState, useSyncExternalStore } from 'react';
import type { Player } from '../../player/player.ts';
import type { PlayerState } from '../../player/player-state.ts';
import type { ReadableStore } from '../../player/store.ts';
import type { FrameRange } from '../../protocol/ranges.ts';
import { formatClock } from '../format.ts';
import { type Chapter, chapterAt } from './chapters.ts';
import { rangesOfMarks } from './marks.ts';
import styles from './seek-bar.module.css';
import { type PointedAt, usePreview } from './use-preview.ts';

/** `place` says where play stands; `marks` one FRAME_MARKS value a frame; `buffered` in frames. Of a live programme the bar is what is on sale: from `startMs` to the edge. */
export function SeekBar({
  place,
  startMs,
  durationMs,
  frameDurationMs,
  marks,
  buffered,
  chapters,
  player,
}: {
  readonly place: ReadableStore<PlayerState>;
  readonly startMs: number;
  readonly durationMs: number;
  readonly frameDurationMs: number;
  readonly marks: Uint8Array | null;
  readonly buffered: readonly FrameRange[];
  readonly chapters: readonly Chapter[];
  readonly player: Player;
}) {
  const positionMs = useSyncExternalStore(place.subscribe, () => place.getSnapshot().positionMs);
  const [dragMs, setDragMs] = useState<number | null>(null);
  const [pointed, following] = usePreview(player, startMs, durationMs);
  const placeMs = Math.max(startMs, Math.min(dragMs ?? positionMs, durationMs));
  const shareOf = (atMs: number): number =>
    Math.min(1, Math.max(0, (atMs - startMs) / Math.max(1, durationMs - startMs)));
  const share = (frame: number): number => shareOf(frame * frameDurationMs);

  const letGo = (): void => {
    if (dragMs !== null) player.seek(dragMs);
    setDragMs(null);
  };

  return (
    <div className={styles.bar} {...following}>
      {pointed === null ? null : <Hint pointed={pointed} chapters={chapters} />}
      <div className={styles.track} aria-hidden="true">
        <Spans className={styles.buffered} ranges={buffered} share={share} />
        <Spans className={styles.decrypted} ranges={marks === null ? [] : rangesOfMarks(marks)} share={share} />
        <span className={styles.played} style={{ width: `${shareOf(placeMs) * 100}%` }} />
        {chapters.map(({ startMs: chapterMs }) =>
          chapterMs === 0 ? null : (
            <span key={chapterMs} className={styles.chapter} style={{ left: `${shareOf(chapterMs) * 100}%` }} />
          ),
        )}
      </div>
      <input
        className={styles.input}
        type="range"
        min={startMs}
        max={durationMs}
        step={1}
        value={placeMs}
        aria-label="Place in the programme"
        aria-valuetext={valueText(placeMs, durationMs, chapters)}
        onChange={(event) => setDragMs(event.target.valueAsNumber)}
        onPointerUp={letGo}
        onPointerCancel={() => setDragMs(null)}
        onKeyUp={letGo}
        onBlur={letGo}
      />
    </div>
  );
}

function valueText(placeMs: number, durationMs: number, chapters: readonly Chapter[]): string {
  const chapter = chapterAt(chapters, placeMs);
  const place = `${formatClock(placeMs)} of ${formatClock(durationMs)}`;
  return chapter === null ? place : `${place}, ${chapter.title}`;
}

/** The time that is pointed at, and its chapter; the preview above it is the module's. */
function Hint({ pointed, chapters }: { readonly pointed: PointedAt; readonly chapters: readonly Chapter[] }) {
  const chapter = chapterAt(chapters, pointed.positionMs);
  return (
    <p className={styles.hint} style={{ '--share': pointed.share } as Record<string, number>} aria-hidden="true">
      <span className={styles.clock}>{formatClock(pointed.positionMs)}</span>
      {chapter === null ? null : <span>{chapter.title}</span>}
    </p>
  );
}

function Spans({
  className,
  ranges,
  share,
}: {
  readonly className: string | undefined;
  readonly ranges: readonly FrameRange[];
  share(frame: number): number;
}) {
  return ranges.map(([from, to]) => (
    <span
      key={from}
      className={className}
      style={{ left: `${share(from) * 100}%`, width: `${(share(to) - share(from)) * 100}%` }}
    />
  ));
}
