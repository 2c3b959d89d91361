// What a media element shows of a player's state, and which events a change of it fires, in the order of HTML §4.8.11. Pure; media-model.ts
// keeps the view and fires.

import type { LinkError, LinkRung, LinkState, Stretch } from './player-link.ts';

/** The properties of HTMLMediaElement that change by themselves; seconds and pixels. */
export type MediaView = {
  readonly programmeId: string | null;
  readonly duration: number;
  readonly currentTime: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly readyState: 0 | 1 | 2 | 3 | 4;
  readonly networkState: 0 | 1 | 2 | 3;
  readonly error: LinkError | null;
  readonly volume: number;
  readonly muted: boolean;
  readonly playbackRate: number;
  readonly videoWidth: number;
  readonly videoHeight: number;
  readonly buffered: readonly Stretch[];
  readonly seekable: readonly Stretch[];
};

/** A place nearer to the end than this is the end: the last picture stands for a moment. */
const END_MS = 1_000;
/** With this much ahead, or all that is left, play will probably go through. */
const AHEAD_MS = 10_000;

/** `startMs`: the place chosen before anything was opened. `seeking`: a seek whose picture has not come. */
export function mediaViewOf(state: LinkState, startMs: number | null, seeking: boolean): MediaView {
  const { programmeId, durationMs, live, phase } = state;
  const over = phase === 'stopping' || phase === 'stopped';
  const resting = phase === 'idle' || phase === 'failed' || over;
  const ended = over && durationMs !== null && state.positionMs >= durationMs - END_MS;
  const { width, height } = pictureOf(state);
  return {
    programmeId,
    duration: durationOf(state),
    currentTime: (resting && startMs !== null ? startMs : state.positionMs) / 1000,
    paused: resting || !state.wantsPlay,
    ended: ended && startMs === null,
    seeking,
    readyState: readyStateOf(state),
    networkState: networkStateOf(state),
    error: state.error,
    volume: state.volume,
    muted: state.muted,
    playbackRate: state.rate,
    videoWidth: width,
    videoHeight: height,
    buffered: state.buffered,
    seekable: live !== null ? [[live.firstMs, live.edgeMs]] : durationMs === null ? [] : [[0, durationMs]],
  };
}

function durationOf({ durationMs, live }: LinkState): number {
  if (live !== null && !live.ended) return Number.POSITIVE_INFINITY;
  return durationMs === null ? Number.NaN : durationMs / 1000;
}

function pictureOf({ rungs, rung }: LinkState): Pick<LinkRung, 'width' | 'height'> {
  return rungs.find(({ label }) => label === rung) ?? rungs.at(-1) ?? { width: 0, height: 0 };
}

function readyStateOf(state: LinkState): MediaView['readyState'] {
  const { phase, positionMs, durationMs } = state;
  if (durationMs === null && state.live === null) return 0;
  if (!state.pictureShown || phase === 'idle' || phase === 'failed') return 1;
  if (phase !== 'playing' && phase !== 'paused') return 2;
  // Stretches may touch: what waits here begins where the display's ends.
  let readyMs = positionMs;
  for (const [fromMs, toMs] of state.buffered) if (fromMs <= readyMs && toMs > readyMs) readyMs = toMs;
  const enoughMs = Math.min(positionMs + AHEAD_MS, durationMs ?? Number.POSITIVE_INFINITY);
  return readyMs >= enoughMs ? 4 : 3;
}

function networkStateOf({ programmeId, phase, durationMs }: LinkState): MediaView['networkState'] {
  if (programmeId === null) return 0;
  if (phase === 'failed') return durationMs === null ? 3 : 1;
  return phase === 'opening' || phase === 'waiting' || phase === 'renewing' || phase === 'resuming' ? 2 : 1;
}

/** The events of a change, in order. */
export function mediaEventsBetween(before: MediaView, now: MediaView): readonly string[] {
  const events: string[] = [];
  const fire = (name: string, when: boolean): void => void (when && !events.includes(name) && events.push(name));
  const reached = (state: number): boolean => before.readyState < state && now.readyState >= state;
  const loaded = before.programmeId !== now.programmeId;
  fire('emptied', loaded && before.programmeId !== null);
  fire('loadstart', loaded && now.programmeId !== null);
  fire('durationchange', !Object.is(before.duration, now.duration));
  fire('resize', before.videoWidth !== now.videoWidth || before.videoHeight !== now.videoHeight);
  fire('loadedmetadata', reached(1));
  fire('seeking', now.seeking && !before.seeking);
  fire('volumechange', before.volume !== now.volume || before.muted !== now.muted);
  fire('ratechange', before.playbackRate !== now.playbackRate);
  fire('progress', !sameStretches(before.buffered, now.buffered) || !sameStretches(before.seekable, now.seekable));
  fire('loadeddata', reached(2));
  fire('play', before.paused && !now.paused);
  fire('canplay', reached(3));
  fire('canplaythrough', reached(4));
  const ready = now.readyState >= 3;
  fire('playing', !now.paused && ready && (before.paused || before.readyState < 3));
  fire('waiting', !now.paused && !ready && (before.paused || before.readyState >= 3));
  fire('timeupdate', before.currentTime !== now.currentTime || (now.paused && !before.paused));
  fire('seeked', before.seeking && !now.seeking);
  fire('pause', now.paused && !before.paused);
  fire('ended', now.ended && !before.ended);
  fire('error', now.error !== null && before.error?.message !== now.error.message);
  return events;
}

function sameStretches(one: readonly Stretch[], other: readonly Stretch[]): boolean {
  return one.length === other.length && one.every(([from, to], at) => from === other[at]?.[0] && to === other[at]?.[1]);
}
