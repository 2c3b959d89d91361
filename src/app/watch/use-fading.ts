// Controls that fade: visible while the person moves or nothing plays, gone a moment later. Used by the stage.

import { useCallback, useEffect, useRef, useState } from 'react';

/** Long enough to aim, short enough to be out of the way. */
const STAY_MS = 2_500;

/** Whether to show the controls, and a function that shows them for a while. `mayFade` false keeps them. */
export function useFading(mayFade: boolean): readonly [visible: boolean, wake: () => void] {
  const [awake, setAwake] = useState(true);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const wake = useCallback(() => {
    setAwake(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setAwake(false), STAY_MS);
  }, []);

  useEffect(() => {
    if (mayFade) wake();
    return () => clearTimeout(timer.current);
  }, [mayFade, wake]);

  return [awake || !mayFade, wake];
}
