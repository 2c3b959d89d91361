// Keeps the screen awake while a programme plays and is looked at: taken when play begins, let go when it is held or the page is hidden, and
// taken again when the page is shown. Started by a page for its player.

import type { Player } from '../player-intents.ts';

/** What of the browser it uses. */
export type WakeLockPlace = {
  readonly wakeLock: Pick<WakeLock, 'request'>;
  readonly document: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>;
};

/** Follows the player until the returned function is called. A browser that refuses the lock is asked again at the next change. */
export function startWakeLock(player: Player, { wakeLock, document }: WakeLockPlace): () => void {
  let held: WakeLockSentinel | null = null;
  let asking = false;
  let wanted = false;

  const follow = (): void => {
    wanted = player.state.getSnapshot().phase === 'playing' && document.visibilityState === 'visible';
    if (held?.released) held = null;
    if (wanted && held === null && !asking) void take();
    if (!wanted && held !== null) letGo();
  };
  const letGo = (): void => {
    const lock = held;
    held = null;
    lock?.release().catch(() => undefined);
  };
  const take = async (): Promise<void> => {
    asking = true;
    try {
      held = await wakeLock.request('screen');
    } catch {
      // A low battery or a hidden page: play goes on all the same.
    } finally {
      asking = false;
    }
    // What was wanted may have changed while the browser thought about it.
    if (!wanted) letGo();
  };
  const ends = player.state.subscribe(follow);
  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    ends();
    document.removeEventListener('visibilitychange', follow);
    wanted = false;
    letGo();
  };
}
