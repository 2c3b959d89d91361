// The seek bar: place of play, what is decrypted, what is buffered. A native slider over drawn tracks, so that keyboard and
// screen readers work; dragging shows the place and seeks when let go.

import { useState } from 'react';
import type { FrameRange } from '../../protocol/ranges.ts';
import { formatClock } from '../format.ts';
import { rangesOfMarks } from './marks.ts';
import styles from './seek-bar.module.css';

/** `marks` one FRAME_MARKS value a frame; `buffered` in frames. */
export function SeekBar({
  positionMs,
  durationMs,
  frameDurationMs,
  marks,
  buffered,
  onSeek,
}: {
  readonly positionMs: number;
  readonly durationMs: number;
  readonly frameDurationMs: number;
  readonly marks: Uint8Array | null;
  readonly buffered: readonly FrameRange[];
  onSeek(positionMs: number): void;
}) {
  const [dragMs, setDragMs] = useState<number | null>(null);
  const placeMs = Math.min(dragMs ?? positionMs, durationMs);
  const share = (frame: number): number => Math.min(1, (frame * frameDurationMs) / durationMs);

  const letGo = (): void => {
    if (dragMs !== null) onSeek(dragMs);
    setDragMs(null);
  };

  return (
    <div className={styles.bar}>
      <div className={styles.track} aria-hidden="true">
        <Spans className={styles.buffered} ranges={buffered} share={share} />
        <Spans className={styles.decrypted} ranges={marks === null ? [] : rangesOfMarks(marks)} share={share} />
        <span className={styles.played} style={{ width: `${(placeMs / durationMs) * 100}%` }} />
      </div>
      <input
        className={styles.input}
        type="range"
        min={0}
        max={durationMs}
        step={1}
        value={placeMs}
        aria-label="Place in the programme"
        aria-valuetext={`${formatClock(placeMs)} of ${formatClock(durationMs)}`}
        onChange={(event) => setDragMs(event.target.valueAsNumber)}
        onPointerUp={letGo}
        onPointerCancel={() => setDragMs(null)}
        onKeyUp={letGo}
        onBlur={letGo}
      />
    </div>
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
