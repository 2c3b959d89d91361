// The player's state as the screens hear of it, which is less often than it changes. While a programme is being opened: once a picture of the screen and
// not at each of many changes, each of which stood before what the module was to be told next. While it plays: where what is told in words changes, once
// a second, and not each time the place does. After a seek: when its picture is there, or is long in coming. Made by terminal.ts.

import type { PlayerState } from '../../player/player-state.ts';
import type { ReadableStore } from '../../player/store.ts';

/** One picture of a usual screen. */
const PICTURE_MS = 16;
/** A seek takes less, and drawing the screen for it would take the processor from it. What a person sets meanwhile is told at once. */
const SEEK_MS = 250;
/** Places are told to the second. */
const PLACE_MS = 1_000;

/** The same values; whoever listens is told of a first picture, and of all that comes after it but the place and its figures, at once. */
export function calmForScreens(state: ReadableStore<PlayerState>): ReadableStore<PlayerState> {
  const isOpening = (): boolean => {
    const { phase, pictureShown } = state.getSnapshot();
    return !pictureShown && (phase === 'opening' || phase === 'waiting');
  };
  return {
    getSnapshot: state.getSnapshot,
    subscribe(listener) {
      let told = state.getSnapshot();
      let timer: ReturnType<typeof setTimeout> | null = null;
      const tell = (): void => {
        if (timer !== null) clearTimeout(timer);
        timer = null;
        told = state.getSnapshot();
        listener();
      };
      const leave = state.subscribe(() => {
        const now = state.getSnapshot();
        if (isOpening()) timer ??= setTimeout(tell, PICTURE_MS);
        else if (readsTheSame(told, now)) return;
        else if (now.phase === 'waiting' && isSame(besideSeek(told), besideSeek(now)))
          timer ??= setTimeout(tell, SEEK_MS);
        else tell();
      });
      return () => {
        if (timer !== null) clearTimeout(timer);
        leave();
      };
    },
  };
}

/** Whether two states differ in nothing but figures that no screen shows and a place within the same second. */
function readsTheSame(told: PlayerState, now: PlayerState): boolean {
  const secondOf = ({ positionMs }: PlayerState): number => Math.floor(positionMs / PLACE_MS);
  const seen = (state: PlayerState) => ({ ...state, positionMs: secondOf(state), statistics: null });
  return isSame(seen(told), seen(now));
}

/** What a seek does not change by itself. */
function besideSeek(state: PlayerState): object {
  const { phase, positionMs, statistics, buffered, tally, firstPictures, live, ...rest } = state;
  return rest;
}

function isSame<T extends object>(before: T, after: T): boolean {
  for (const name in after) if (!Object.is(before[name], after[name])) return false;
  return true;
}
