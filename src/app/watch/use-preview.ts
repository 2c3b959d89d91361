// Looking for a place with the pointer over the seek bar: says which place it is at, and asks the module to show its preview there. Used by
// the seek bar; ends with it.

import { type PointerEvent, useCallback, useEffect, useRef, useState } from 'react';
import type { Player } from '../../player/player.ts';

/** Where the pointer is: a place of the programme, and how far along the bar, 0–1. */
export type PointedAt = { readonly positionMs: number; readonly share: number };

/** The place pointed at, or null, and the handlers that follow the pointer. At most one preview a picture is asked for. */
export function usePreview(
  player: Player,
  startMs: number,
  durationMs: number,
): readonly [PointedAt | null, { onPointerMove(event: PointerEvent<HTMLElement>): void; onPointerLeave(): void }] {
  const [pointed, setPointed] = useState<PointedAt | null>(null);
  const asked = useRef<number | null>(null);

  const forget = useCallback(() => {
    if (asked.current !== null) cancelAnimationFrame(asked.current);
    asked.current = null;
    setPointed(null);
    player.preview(null, 0);
  }, [player]);

  useEffect(() => () => player.preview(null, 0), [player]);

  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    const bar = event.currentTarget.getBoundingClientRect();
    const stage = event.currentTarget.closest('section')?.getBoundingClientRect() ?? bar;
    const share = Math.min(1, Math.max(0, (event.clientX - bar.left) / bar.width));
    const at = Math.min(1, Math.max(0, (event.clientX - stage.left) / stage.width));
    const positionMs = Math.round(startMs + share * (durationMs - startMs));
    setPointed({ positionMs, share });
    if (asked.current !== null) cancelAnimationFrame(asked.current);
    asked.current = requestAnimationFrame(() => {
      asked.current = null;
      player.preview(positionMs, at);
    });
  };
  return [pointed, { onPointerMove, onPointerLeave: forget }];
}
