// The behaviour of a media element over a PlayerLink: its properties, its methods, and the events that it fires on the element. It knows
// nothing of the document, so that it is tested without one; farebox-video.ts is its face.

import { type MediaView, mediaEventsBetween, mediaViewOf } from './media-view.ts';
import { LINK_AT_REST, type LinkState, type PlayerLink } from './player-link.ts';
import { createTrackLists, type TrackLists } from './track-lists.ts';

/** Slowest and fastest play. */
const RATES = { least: 0.5, most: 2 } as const;

/** What the element asks of its model. Seconds, as HTMLMediaElement has them. */
export type MediaModel = TrackLists & {
  readonly view: MediaView;
  readonly state: LinkState;
  /** Takes a player, or lets go of it. */
  use(link: PlayerLink | null): void;
  /**
   * Plays; resolves when it does. Rejects with a DOMException: NotSupportedError where there is nothing to play or it failed, NotAllowedError
   * where a press in the player's own frame is needed, AbortError when it was paused or loaded anew before.
   */
  play(): Promise<void>;
  pause(): void;
  /** Begins with the element's programme from the start. */
  load(programmeId: string | null): void;
  seek(seconds: number): void;
  setVolume(volume: number): void;
  setMuted(muted: boolean): void;
  /** @throws DOMException NotSupportedError outside 0.5–2. */
  setRate(rate: number): void;
  goLive(): void;
};

type Pending = { resolve(): void; reject(reason: DOMException): void };

/** Makes the model of `element`. `loops` says whether play begins anew at the end. */
export function createMediaModel(element: EventTarget, loops: () => boolean): MediaModel {
  let link: PlayerLink | null = null;
  let endFollowing: () => void = () => undefined;
  let state: LinkState = LINK_AT_REST;
  let startMs: number | null = null;
  /** Pictures that had been shown when a seek began; null while there is none. */
  let seekingSince: number | null = null;
  let view = mediaViewOf(state, null, false);
  let pending: Pending[] = [];
  const queued: string[] = [];
  const lists = createTrackLists(() => link);

  const settle = (name: string | null): void => {
    const waiting = pending;
    pending = [];
    for (const { resolve, reject } of waiting) {
      if (name === null) resolve();
      else reject(new DOMException('Play did not come about.', name));
    }
  };

  /** Events come after the step that made them, as the tasks of the standard do: what hears them may ask for something at once. */
  function fire(names: readonly string[]): void {
    if (names.length === 0) return;
    if (queued.length === 0) queueMicrotask(flush);
    queued.push(...names);
  }

  function flush(): void {
    for (const name of queued.splice(0)) {
      element.dispatchEvent(new Event(name));
      if (name === 'playing') settle(null);
      if (name === 'error') settle('NotSupportedError');
      if (name === 'pause' || name === 'emptied') settle('AbortError');
    }
  }

  function update(): void {
    const before = view;
    if (seekingSince !== null && (state.firstPictures > seekingSince || isResting())) seekingSince = null;
    if (!isResting()) startMs = null;
    view = mediaViewOf(state, startMs, seekingSince !== null);
    fire(mediaEventsBetween(before, view));
    if (view.ended && !before.ended && loops()) begin();
  }

  function isResting(): boolean {
    return ['idle', 'failed', 'stopping', 'stopped'].includes(state.phase);
  }

  function follow(): void {
    state = link?.state.getSnapshot() ?? LINK_AT_REST;
    lists.follow(state);
    update();
  }

  function begin(): void {
    if (link === null || state.needsPress) return;
    const fromMs = startMs;
    link.play();
    if (fromMs !== null) link.seek(fromMs);
  }

  return {
    ...lists,
    get view() {
      return view;
    },
    get state() {
      return state;
    },
    use(next) {
      endFollowing();
      link = next;
      endFollowing = next === null ? () => undefined : next.state.subscribe(follow);
      follow();
    },
    play() {
      if (link === null || state.programmeId === null) return refused('There is nothing to play.', 'NotSupportedError');
      if (state.needsPress && isResting()) {
        return refused('The programme begins with a press in its own frame.', 'NotAllowedError');
      }
      if (!view.paused && view.readyState >= 3) return Promise.resolve();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      pending.push({ resolve, reject });
      begin();
      return promise;
    },
    pause() {
      if (!view.paused) link?.pause();
    },
    load(programmeId) {
      startMs = null;
      settle('AbortError');
      link?.load(programmeId);
    },
    seek(seconds) {
      if (link === null || view.readyState === 0) {
        startMs = Math.max(0, seconds * 1000);
        return;
      }
      const placeMs = clampTo(seconds * 1000, state);
      if (!isResting()) {
        seekingSince = state.firstPictures;
        update();
        link.seek(placeMs);
        return;
      }
      // Nothing is open: the place is where play will begin, and one is there at once.
      fire(['seeking']);
      startMs = placeMs;
      update();
      fire(['seeked']);
    },
    setVolume(volume) {
      if (!(volume >= 0 && volume <= 1)) throw new DOMException('A volume is 0 to 1.', 'IndexSizeError');
      link?.setVolume(volume, state.muted);
    },
    setMuted: (muted) => link?.setVolume(state.volume, muted),
    setRate(rate) {
      if (!(rate >= RATES.least && rate <= RATES.most)) {
        throw new DOMException(`Play goes at ${RATES.least} to ${RATES.most} times its speed.`, 'NotSupportedError');
      }
      link?.setRate(rate);
    },
    goLive: () => link?.goLive(),
  };
}

function refused(words: string, name: string): Promise<never> {
  return Promise.reject(new DOMException(words, name));
}

function clampTo(placeMs: number, { durationMs, live }: LinkState): number {
  const [leastMs, mostMs] = live === null ? [0, durationMs ?? 0] : [live.firstMs, live.edgeMs];
  return Math.min(Math.max(placeMs, leastMs), mostMs);
}
