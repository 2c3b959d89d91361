// Full screen of one element, as the browser has it. Used by the stage, so that frame and controls go together.

import { type RefObject, useCallback, useEffect, useState } from 'react';

/** Whether the element fills the screen, and a function that changes it. A browser that refuses leaves things as they are. */
export function useFullScreen(element: RefObject<HTMLElement | null>): readonly [full: boolean, toggle: () => void] {
  const [full, setFull] = useState(false);

  useEffect(() => {
    const follow = (): void => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', follow);
    return () => document.removeEventListener('fullscreenchange', follow);
  }, []);

  const toggle = useCallback(() => {
    const change = document.fullscreenElement ? document.exitFullscreen() : element.current?.requestFullscreen();
    change?.catch(() => setFull(document.fullscreenElement !== null));
  }, [element]);

  return [full, toggle];
}
