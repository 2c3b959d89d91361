// What to have on the way next: a pure plan over frame numbers. Called by delivery.ts whenever anything changed.
// Frames the display asks for come first, then the ones ahead of the place of play, up to a bound in seconds and in bytes.

import { PLAYER_LIMITS } from './limits.ts';

/** The place of play and what is here. */
export type FetchSituation = {
  /** Frames the display asked for, soonest first. */
  readonly wanted: readonly number[];
  /** Frame at the place of play. */
  readonly current: number;
  readonly frameCount: number;
  readonly frameDurationMs: number;
  /** Whether a picture is on the screen and the line was measured: until then no more is fetched than begins to play. */
  readonly settled: boolean;
  readonly bufferedBytes: number;
  /** Frames being fetched. */
  readonly underway: ReadonlySet<number>;
  /** Whether the frame is buffered, with the module, or was given up. */
  isHere(frame: number): boolean;
  /** Whether the session's grant covers the frame: anything else would be fetched for nothing. */
  isGranted(frame: number): boolean;
};

/** Frames to start, best first, and frames to give up. */
export type FetchPlan = { readonly start: readonly number[]; readonly abort: readonly number[] };

/** Frames that may be kept or fetched: the wanted ones and the window ahead of play. */
export function windowOf(situation: FetchSituation): ReadonlySet<number> {
  const ahead = situation.settled
    ? Math.ceil((PLAYER_LIMITS.targetAheadSeconds * 1000) / situation.frameDurationMs)
    : PLAYER_LIMITS.firstFrames;
  const end = Math.min(situation.frameCount, situation.current + ahead);
  const frames = new Set(situation.wanted);
  for (let frame = situation.current; frame < end; frame += 1) frames.add(frame);
  return frames;
}

/** Plans fetches. A wanted frame is fetched however full the buffer is; the rest only while it has room. */
export function planFetches(situation: FetchSituation): FetchPlan {
  const window = windowOf(situation);
  const abort = [...situation.underway].filter((frame) => !window.has(frame));
  let free = PLAYER_LIMITS.parallelFrames - (situation.underway.size - abort.length);
  const wanted = new Set(situation.wanted);
  const start: number[] = [];
  for (const frame of window) {
    if (free <= 0) break;
    if (situation.underway.has(frame) || situation.isHere(frame) || !situation.isGranted(frame)) continue;
    if (!wanted.has(frame) && situation.bufferedBytes >= PLAYER_LIMITS.bufferSizeBytes) continue;
    start.push(frame);
    free -= 1;
  }
  return { start, abort };
}
