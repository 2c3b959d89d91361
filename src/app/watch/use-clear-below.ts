// Tells the module how much of the picture the controls cover from below, so that captions and previews stand above them. Used by the controls.

import { type RefObject, useEffect } from 'react';
import type { Player } from '../../player/player.ts';

/** Room above the controls in which the seek bar says what it points at, CSS pixels. */
const HINT_PX = 28;

/** Measures the controls inside `stage` while they are `visible`, whatever size both come to. */
export function useClearBelow(player: Player, stage: RefObject<HTMLElement | null>, visible: boolean): void {
  useEffect(() => {
    const element = stage.current;
    const controls = element?.querySelector('[data-controls]');
    if (!visible || !element || !controls) {
      player.tracks.keepClear(0);
      return;
    }
    const measure = (): void => {
      // The shade above the bar covers nothing that has to be read.
      const shadePx = Number.parseFloat(getComputedStyle(controls).paddingTop);
      player.tracks.keepClear((controls.clientHeight - shadePx + HINT_PX) / Math.max(1, element.clientHeight));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
      player.tracks.keepClear(0);
    };
  }, [player, stage, visible]);
}
