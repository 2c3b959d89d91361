// The idle lock: counts the time since a person last used the module, in whichever tab. Made by keeper.ts; told of use by the commands of this
// tab, which it says on to the others, and by theirs. A clock that was set back only makes the wait begin anew.

import type { Clock } from '../clock.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { Hints } from '../store/hints.ts';

/** Watches for idleness. */
export type IdleWatch = {
  /** Locks after this many milliseconds without use; null: never. Setting what is set already changes nothing. */
  set(idleLockMs: number | null): void;
  /** The module was used in this tab. */
  noteUse(): void;
  /** Another tab says that it was used there. */
  hearUse(): void;
};

/** Makes a watch; `onIdle` runs once each time the module was idle for as long as was set. */
export function watchIdleness(clock: Clock, hints: Pick<Hints, 'announce'>, onIdle: () => void): IdleWatch {
  let limitMs: number | null = null;
  let lastUse = clock.now();
  let lastSaid = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | null = null;

  // One timer at a time: a use moves the moment, and the timer that comes too early waits for the rest.
  function wait(): void {
    cancel?.();
    cancel = null;
    if (limitMs === null) return;
    const idleMs = Math.max(0, clock.now() - lastUse);
    cancel = clock.after(Math.max(0, limitMs - idleMs), () => {
      cancel = null;
      const isIdle = limitMs !== null && clock.now() - lastUse >= limitMs;
      if (isIdle) onIdle();
      else wait();
    });
  }

  const hearUse = (): void => {
    lastUse = clock.now();
  };
  return {
    set: (idleLockMs) => {
      if (idleLockMs === limitMs && cancel !== null) return;
      limitMs = idleLockMs;
      lastUse = clock.now();
      wait();
    },
    hearUse,
    noteUse: () => {
      hearUse();
      if (Math.abs(lastUse - lastSaid) < MODULE_LIMITS.useSaidEveryMs) return;
      lastSaid = lastUse;
      hints.announce({ kind: 'used' });
    },
  };
}
