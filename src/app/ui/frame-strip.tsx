// Frames as a strip of ticks filling in: to come a low stub, decrypted a full tick, late a shorter amber one, lost a hollow red one.
// On a canvas, so that thousands cost nothing. It shows marks it is given and counts nothing but them.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { FRAME_MARKS } from '../../player/tally.ts';
import styles from './frame-strip.module.css';
import { layOutStrip, type StripLayout, TICK_HEIGHTS } from './strip-layout.ts';

/** `marks` holds one FRAME_MARKS value a frame; `label` says in words what the picture shows. */
export function FrameStrip({ marks, label }: { readonly marks: Uint8Array; readonly label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const layout = useMemo(() => layOutStrip(marks.length, width), [marks.length, width]);

  // Measured before anything is painted: the height follows from the width.
  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (canvas.current !== null && width > 0) draw(canvas.current, marks, layout, width);
  }, [marks, layout, width]);

  return (
    <canvas ref={canvas} className={styles.strip} style={{ height: layout.height }} role="img" aria-label={label}>
      {label}
    </canvas>
  );
}

/** What the ticks mean, in words beside their shapes. */
export function StripLegend({ late, failed }: { readonly late: number; readonly failed: number }) {
  return (
    <ul className={styles.legend}>
      <li className={styles.decrypted}>decrypted</li>
      <li className={styles.late}>late {late > 0 ? late : ''}</li>
      <li className={styles.failed}>lost {failed > 0 ? failed : ''}</li>
      <li className={styles.toCome}>to come</li>
    </ul>
  );
}

function draw(canvas: HTMLCanvasElement, marks: Uint8Array, layout: StripLayout, width: number): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(layout.height * scale);
  context.scale(scale, scale);
  const colours = coloursOf(canvas);
  marks.forEach((mark, frame) => {
    const height = Math.round(layout.tickHeight * (TICK_HEIGHTS[mark] ?? 1));
    const x = Math.round((frame % layout.perRow) * layout.pitch);
    const y = Math.floor(frame / layout.perRow) * layout.rowHeight + layout.tickHeight - height;
    const colour = colours[mark] ?? '';
    if (mark === FRAME_MARKS.failed && layout.tickWidth >= 3) {
      context.strokeStyle = colour;
      context.lineWidth = 1;
      context.strokeRect(x + 0.5, y + 0.5, layout.tickWidth - 1, height - 1);
    } else {
      context.fillStyle = colour;
      context.fillRect(x, y, layout.tickWidth, height);
    }
  });
}

/** The paper's colours, by FRAME_MARKS value. */
function coloursOf(element: HTMLElement): readonly string[] {
  const style = getComputedStyle(element);
  return ['--tick-to-come', '--tick-decrypted', '--tick-late', '--tick-failed'].map((name) =>
    style.getPropertyValue(name),
  );
}
