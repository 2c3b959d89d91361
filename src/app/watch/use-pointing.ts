// What a link or a button of a programme tells the player while a person points at it, presses it, or goes on to something else: so that a press finds
// what it needs ready. Used by the catalogue's cards and the button that begins.

import { type MouseEvent, useEffect, useMemo } from 'react';
import { useTerminal } from '../terminal-context.tsx';

/** Handlers for the element that opens this programme. */
export function usePointing(programmeId: string) {
  const { player } = useTerminal();
  // Gone from under the pointer: no event says so.
  useEffect(() => () => player.unpoint(programmeId), [player, programmeId]);
  return useMemo(() => {
    const point = (): void => player.point(programmeId);
    const press = (): void => player.point(programmeId, true);
    const leave = (): void => player.unpoint(programmeId);
    return { onPointerEnter: point, onFocus: point, onPointerDown: press, onPointerLeave: leave, onBlur: leave };
  }, [player, programmeId]);
}

/** Whether a click on a link is for this page: not for another tab, and not for saving. */
export function isPlainPress({ button, altKey, ctrlKey, metaKey, shiftKey }: MouseEvent): boolean {
  return button === 0 && !altKey && !ctrlKey && !metaKey && !shiftKey;
}
