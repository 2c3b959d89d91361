// The board that one draws on: a canvas that follows the hand, with pen, finger or mouse, and shows what stands on the board. What is drawn
// goes to whoever asked for it; this keeps nothing.

import { type PointerEvent, useCallback, useEffect, useRef } from 'react';
import { drawBareBoard, drawStroke, type StrokePen } from '../../protocol/stroke-drawing.ts';
import { type Stroke, standingStrokes } from '../../protocol/strokes.ts';
import styles from './draw-page.module.css';
import { type Pen, type PenStroke, type PenTool, putDown } from './pen.ts';

type Hand = { readonly pointer: number; readonly pen: Pen; drawn: number };

/** `onStroke` gets each stroke when it is whole; times on the page's clock (`performance.now`). */
export function DrawingBoard({
  strokes,
  tool,
  shape,
  longestMs,
  disabled,
  onStroke,
}: {
  readonly strokes: readonly Stroke[];
  readonly tool: PenTool;
  readonly shape: { readonly width: number; readonly height: number };
  readonly longestMs: number;
  readonly disabled: boolean;
  onStroke(made: PenStroke): void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const hand = useRef<Hand | null>(null);

  const repaint = useCallback(() => {
    const context = contextOf(canvas.current);
    if (context === null) return;
    drawBareBoard(context.pen, context.size);
    for (const stroke of standingStrokes(strokes))
      drawStroke(context.pen, context.size, stroke, 0, stroke.points.length);
    const growing = hand.current?.pen.growing();
    if (growing !== undefined) drawStroke(context.pen, context.size, growing, 0, growing.points.length);
  }, [strokes]);

  useEffect(repaint, [repaint]);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      const scale = Math.min(3, window.devicePixelRatio);
      element.width = Math.max(1, Math.round(element.clientWidth * scale));
      element.height = Math.max(1, Math.round(element.clientHeight * scale));
      repaint();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [repaint]);

  const placeOf = (event: globalThis.PointerEvent) => {
    const { left, top, width, height } = (canvas.current ?? document.body).getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height, atMs: event.timeStamp };
  };
  /** Draws what the hand has added, without painting the board anew. */
  const follow = (moving: Hand): void => {
    const context = contextOf(canvas.current);
    const { points } = moving.pen.growing();
    if (context === null) return;
    drawStroke(context.pen, context.size, moving.pen.growing(), Math.min(moving.drawn, points.length), points.length);
    moving.drawn = points.length;
  };

  const down = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (disabled || hand.current !== null || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const give = (made: PenStroke): void => {
      if (hand.current !== null) hand.current.drawn = 0;
      onStroke(made);
    };
    const pen = putDown(tool, placeOf(event.nativeEvent), longestMs, give);
    hand.current = { pointer: event.pointerId, pen, drawn: 0 };
    follow(hand.current);
  };
  const move = (event: PointerEvent<HTMLCanvasElement>): void => {
    const moving = hand.current;
    if (moving?.pointer !== event.pointerId) return;
    const all = event.nativeEvent.getCoalescedEvents();
    for (const one of all.length > 0 ? all : [event.nativeEvent]) moving.pen.move(placeOf(one));
    follow(moving);
  };
  const up = (event: PointerEvent<HTMLCanvasElement>): void => {
    const moving = hand.current;
    if (moving?.pointer !== event.pointerId) return;
    hand.current = null;
    moving.pen.lift(placeOf(event.nativeEvent));
  };

  return (
    <canvas
      ref={canvas}
      className={styles.board}
      style={{ aspectRatio: `${shape.width} / ${shape.height}` }}
      data-tool={tool.kind}
      aria-label="Whiteboard: draw with a pen, a finger or the mouse"
      role="img"
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
    />
  );
}

function contextOf(
  canvas: HTMLCanvasElement | null,
): { readonly pen: StrokePen; readonly size: { readonly width: number; readonly height: number } } | null {
  const pen = canvas?.getContext('2d', { alpha: false }) ?? null;
  return canvas === null || pen === null ? null : { pen, size: { width: canvas.width, height: canvas.height } };
}
