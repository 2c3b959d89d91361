// What the system shows of play and the keys it sends: lock screen, headset, keyboard. Started by a page for its player; it sends intents and
// reads the state, and keeps nothing.

import type { Player } from '../player-intents.ts';
import type { PlayerState } from '../player-state.ts';

/** What the system may show of a programme. */
export type SessionFacts = { readonly title: string; readonly provider: string; readonly posterUrl: string | null };

/** How far one press of the system's skip keys goes where it does not say, ms. */
const SKIP_MS = 10_000;
/** The system shows places to the second. */
const PLACE_SLACK_S = 0.5;
/** Going back from further than this into a chapter goes to its beginning, as with any player of records. */
const CHAPTER_START_MS = 3_000;

/** Keeps `session` by the player until the returned function is called. `factsOf` null while a programme is not known; `nowMs` is monotonic. */
export function startMediaSession(
  player: Player,
  session: MediaSession,
  factsOf: (programmeId: string) => SessionFacts | null,
  nowMs: () => number = () => performance.now(),
): () => void {
  let shown: string | null = null;
  let told: Told | null = null;
  const follow = (): void => {
    const state = player.state.getSnapshot();
    const facts = isOpen(state) && state.programmeId !== null ? factsOf(state.programmeId) : null;
    const showing = facts === null ? null : JSON.stringify([state.programmeId, facts, chapterNow(state)]);
    if (showing !== shown) {
      shown = showing;
      session.metadata = facts === null ? null : metadataOf(facts, chapterNow(state));
    }
    const playing = !isOpen(state) ? 'none' : state.wantsPlay ? 'playing' : 'paused';
    if (session.playbackState !== playing) session.playbackState = playing;
    const now = placeOf(state, nowMs());
    if (told !== null && goesOnFrom(told, now)) return;
    told = now;
    session.setPositionState(now.place);
  };
  const actions: readonly (readonly [MediaSessionAction, MediaSessionActionHandler])[] = [
    ['play', player.play],
    ['pause', player.pause],
    ['stop', player.stop],
    ['seekto', ({ seekTime }) => seekTime !== undefined && player.seek(seekTime * 1000)],
    ['seekbackward', ({ seekOffset }) => skip(player, -(seekOffset ?? SKIP_MS / 1000) * 1000)],
    ['seekforward', ({ seekOffset }) => skip(player, (seekOffset ?? SKIP_MS / 1000) * 1000)],
    ['previoustrack', () => goToChapter(player, -1)],
    ['nexttrack', () => goToChapter(player, 1)],
  ];
  for (const [action, handler] of actions) setHandler(session, action, handler);
  const end = player.state.subscribe(follow);
  follow();
  return () => {
    end();
    for (const [action] of actions) setHandler(session, action, null);
    session.metadata = null;
    session.playbackState = 'none';
  };
}

function isOpen({ phase }: PlayerState): boolean {
  return phase !== 'idle' && phase !== 'stopped' && phase !== 'stopping' && phase !== 'failed';
}

function chapterNow({ measures, positionMs }: PlayerState): string | null {
  return measures?.chapters.findLast(({ startMs }) => startMs <= positionMs)?.title ?? null;
}

function metadataOf({ title, provider, posterUrl }: SessionFacts, chapter: string | null): MediaMetadata {
  const artwork = posterUrl === null ? [] : [{ src: posterUrl }];
  return new MediaMetadata({ title, artist: provider, album: chapter ?? '', artwork });
}

/** A place, without one where there is no length to stand in, and what the system makes of it by itself from then on. */
type Told = { readonly place?: Required<MediaPositionState>; readonly playing: boolean; readonly atMs: number };

function placeOf({ measures, positionMs, live, tracks, wantsPlay }: PlayerState, atMs: number): Told {
  if (measures === null || live !== null || measures.durationMs <= 0) return { playing: wantsPlay, atMs };
  const duration = measures.durationMs / 1000;
  const position = Math.min(duration, Math.max(0, positionMs / 1000));
  return { place: { duration, position, playbackRate: tracks.rate }, playing: wantsPlay, atMs };
}

/** Whether the system knows it already: it moves the place on at the speed of play, and each call costs it and the page more than drawing it does. */
function goesOnFrom(told: Told, now: Told): boolean {
  if (told.place === undefined || now.place === undefined) return told.place === now.place;
  const { duration, playbackRate } = told.place;
  if (duration !== now.place.duration || playbackRate !== now.place.playbackRate || told.playing !== now.playing)
    return false;
  const passedS = told.playing ? ((now.atMs - told.atMs) / 1000) * playbackRate : 0;
  return Math.abs(told.place.position + passedS - now.place.position) < PLACE_SLACK_S;
}

function skip(player: Player, byMs: number): void {
  player.seek(player.state.getSnapshot().positionMs + byMs);
}

/** Goes to the next chapter, or back: to the beginning of this one, and from there to the one before. */
export function goToChapter(player: Player, by: 1 | -1): void {
  const { measures, positionMs } = player.state.getSnapshot();
  const starts = measures?.chapters.map(({ startMs }) => startMs) ?? [];
  const placeMs =
    by > 0
      ? starts.find((startMs) => startMs > positionMs)
      : (starts.findLast((startMs) => startMs < positionMs - CHAPTER_START_MS) ?? 0);
  if (placeMs !== undefined) player.seek(placeMs);
}

function setHandler(
  session: MediaSession,
  action: MediaSessionAction,
  handler: MediaSessionActionHandler | null,
): void {
  try {
    session.setActionHandler(action, handler);
  } catch {
    // An action that this browser does not know has no key to press either.
  }
}
