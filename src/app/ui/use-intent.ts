// One thing at a time that a person asked for: whether it goes on, and the code with which it ended where it did not work. Used by rooms whose
// buttons ask the module for something.

import { useCallback, useRef, useState } from 'react';
import { type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';

/** What goes on in one place of a screen. */
export type Intent = {
  /** Name of what goes on, or null. */
  readonly busy: string | null;
  /** Why the last one did not work, or null. */
  readonly code: FareboxErrorCode | null;
  /** Starts `work`, unless something goes on here already. `onDone` gets its value. */
  start<T>(name: string, work: () => Promise<T>, onDone?: (value: T) => void): void;
};

/** Nothing goes on at first. */
export function useIntent(): Intent {
  const [state, setState] = useState<Pick<Intent, 'busy' | 'code'>>({ busy: null, code: null });
  const running = useRef(false);
  const start = useCallback(<T>(name: string, work: () => Promise<T>, onDone?: (value: T) => void): void => {
    if (running.current) return;
    running.current = true;
    setState({ busy: name, code: null });
    work()
      .then(
        (value) => {
          setState({ busy: null, code: null });
          onDone?.(value);
        },
        (error: unknown) => setState({ busy: null, code: toErrorData(error).code }),
      )
      .finally(() => {
        running.current = false;
      });
  }, []);
  return { ...state, start };
}
