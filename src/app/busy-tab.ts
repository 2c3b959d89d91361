// Tells the terminal's other tabs that something goes on in this one: a Web Lock, shared, held for as long as it does. A tab that dies lets go of it by
// itself. Used by main.tsx, and by service-worker.ts before it takes a newer version for all tabs.

import type { PlayerPhase } from '../player/machine.ts';
import type { PlayerState } from '../player/player-state.ts';
import type { ReadableStore } from '../player/store.ts';

const LOCK = 'farebox-busy-tab';

/** Phases in which nothing is being watched, agreed or signed. */
const RESTING: ReadonlySet<PlayerPhase> = new Set(['idle', 'stopped', 'failed']);

/** True where a programme is being opened, watched or closed. */
export function isWatching({ phase }: Pick<PlayerState, 'phase'>): boolean {
  return !RESTING.has(phase);
}

/** Holds the lock while `player` has something going on and while `asking` is true. */
export function tellBusyTab(player: ReadableStore<PlayerState>, asking: ReadableStore<boolean>): void {
  let letGo: (() => void) | null = null;
  const follow = (): void => {
    const busy = isWatching(player.getSnapshot()) || asking.getSnapshot();
    if (busy && letGo === null) {
      const { promise, resolve } = Promise.withResolvers<void>();
      letGo = resolve;
      // A browser that gives no locks has no module either; there is nothing to tell then.
      navigator.locks.request(LOCK, { mode: 'shared' }, () => promise).catch(() => undefined);
    } else if (!busy && letGo !== null) {
      letGo();
      letGo = null;
    }
  };
  player.subscribe(follow);
  asking.subscribe(follow);
  follow();
}

/** Resolves true where no tab of this origin is busy now. */
export function noTabIsBusy(): Promise<boolean> {
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => lock !== null);
}
