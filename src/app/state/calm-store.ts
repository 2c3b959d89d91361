// The player's state as the screens hear of it: while a programme is being opened, once a picture of the screen and not at each of its many
// changes. Drawing all of them took longer than opening does, and each stood before what the module was to be told next. Made by terminal.ts.

import type { PlayerState } from '../../player/player-state.ts';
import type { ReadableStore } from '../../player/store.ts';

/** One picture of a usual screen. */
const PICTURE_MS = 16;

/** The same values; whoever listens is told of a first picture, and of all that comes after it, at once. */
export function calmWhileOpening(state: ReadableStore<PlayerState>): ReadableStore<PlayerState> {
  const isOpening = (): boolean => {
    const { phase, pictureShown } = state.getSnapshot();
    return !pictureShown && (phase === 'opening' || phase === 'waiting');
  };
  return {
    getSnapshot: state.getSnapshot,
    subscribe(listener) {
      let timer: ReturnType<typeof setTimeout> | null = null;
      const tell = (): void => {
        if (timer !== null) clearTimeout(timer);
        timer = null;
        listener();
      };
      const leave = state.subscribe(() => {
        if (!isOpening()) tell();
        else timer ??= setTimeout(tell, PICTURE_MS);
      });
      return () => {
        if (timer !== null) clearTimeout(timer);
        leave();
      };
    },
  };
}
