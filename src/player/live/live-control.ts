// A live programme in the player: where to join, what the module is told, how far play is behind the edge, and the way back to it. Made
// once by player.ts, which asks it at each step of a session. For a programme that is whole it does nothing.

import { isBoardManifest } from '../../protocol/board-kind.ts';
import { FareboxError, type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';
import { firstInWindow } from '../../protocol/live-terms.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { PLAYER_LIMITS } from '../limits.ts';
import type { LiveNow } from '../player-state.ts';
import type { PlayerPorts } from '../ports.ts';
import type { LoadedProgramme } from '../programme-loading.ts';
import { boardNow, boardStart, boardStartMs, isBeforeSession, withoutSlip } from './board-place.ts';
import type { LiveFeed } from './live-feed.ts';
import { tellUpdates } from './tell-updates.ts';

/** What the control tells its player. */
export type LiveListener = {
  /** How far the programme is; null when there is none any more. */
  onLive(live: LiveNow | null): void;
  /** More frames can be fetched and delivered. */
  onGrown(): void;
  onTrouble(code: FareboxErrorCode | null): void;
  onFailed(code: FareboxErrorCode): void;
};

/** What the player asks. */
export type LiveControl = {
  /**
   * Follows this programme and learns where to begin: at `wantedMs` where that is on sale, else as near to the edge as one can play.
   * `from` is the frame that the session begins with; `held` tells the first one of a session of it that is open, null without one.
   * @throws FareboxError `live/*`, `network/*`, and the signal's reason.
   */
  join(
    programme: LoadedProgramme,
    wantedMs: number | null,
    signal: AbortSignal,
    held?: () => Promise<number | null>,
  ): Promise<{ manifest: Manifest; fromMs: number; from: number }>;
  /** Of a board: the session that is begun next begins with this stroke. False for any other programme. */
  beginAt(frame: number): boolean;
  /** Of a board: this place was drawn before the session began, and takes one from the first stroke on. */
  isBefore(positionMs: number): boolean;
  /** Tells the module's session all that is known, then all that comes until `signal`. @throws FareboxError `live/*`. */
  attach(session: string, signal: AbortSignal): Promise<void>;
  /** Frames that are out; null for a programme that is whole. */
  edge(): number | null;
  /** A place to go to: within what is on sale. */
  clampMs(positionMs: number): number;
  /** A place that somebody wanted while the programme was being opened; null where it is not on sale. */
  wishedMs(positionMs: number): number | null;
  /** Play is at this place: goes a little faster where it follows the edge and has fallen behind. Answers where to go if that place is not on sale any more. */
  notice(session: string, positionMs: number, rate: number): number | null;
  /** The person has left the edge: play stays where they are. */
  leaveEdge(): void;
  /** The place to go to for the edge, which is followed from now on. Null for a programme that is whole. */
  goLive(): number | null;
  /** Forgets the programme. */
  stop(): void;
};

/** Makes the control of a player. */
export function createLiveControl(ports: PlayerPorts, listener: LiveListener): LiveControl {
  let feed: LiveFeed | null = null;
  let frameMs = 1;
  let follows = true;
  /** Of a board: the stroke that its session began with, and the one that the next session has to begin with. */
  let firstFrame = 0;
  let next: { readonly programmeId: string; readonly frame: number } | null = null;
  let hastens = false;

  function now(): LiveNow | null {
    const reach = feed?.reach() ?? null;
    if (feed !== null && isBoard()) return boardNow(feed.line.manifest, reach);
    if (feed === null || reach === null) return null;
    const first = firstInWindow(feed.line.terms, reach.edge);
    const hold = reach.ended ? 1 : PLAYER_LIMITS.liveHoldFrames;
    const last = Math.max(first, reach.edge - hold);
    return {
      // By the time it is asked for, the window may have gone on by a frame.
      firstMs: Math.min(last, reach.ended ? first : first + 1) * frameMs,
      edgeMs: reach.edge * frameMs,
      liveMs: last * frameMs,
      ended: reach.ended,
    };
  }

  const isBoard = (): boolean => feed !== null && isBoardManifest(feed.line.manifest);

  async function follow(of: LiveFeed, session: string, signal: AbortSignal): Promise<void> {
    try {
      await of.follow(
        async (updates) => {
          await tellUpdates(ports, of, session, updates);
          signal.throwIfAborted();
          listener.onLive(now());
          listener.onGrown();
        },
        (error) => listener.onTrouble(error?.code ?? null),
        signal,
      );
    } catch (error) {
      if (!signal.aborted) listener.onFailed(toErrorData(error).code);
    }
  }

  const setRate = (session: string, rate: number): void => {
    // Whoever cannot go faster stays behind, and can go to the edge by hand.
    ports.module.call('setRate', { session, rate }).catch(() => undefined);
  };

  return {
    async join({ programmeId, manifest, live }, wantedMs, signal, held = async () => null) {
      if (live === null) throw new FareboxError('live/not-live');
      const { createLiveFeed } = await import('./live-feed.ts');
      const own = createLiveFeed(ports, manifest, live);
      frameMs = manifest.frameDurationMs;
      if (isBoardManifest(manifest)) {
        const asked = next?.programmeId === programmeId ? next.frame : await held();
        const from = await own.join((reach) => boardStart(reach, wantedMs, asked), signal);
        signal.throwIfAborted();
        next = null;
        firstFrame = from;
        feed = own;
        listener.onLive(now());
        return { manifest: own.line.manifest, fromMs: boardStartMs(own.line.manifest, own.reach(), wantedMs), from };
      }
      const frame = await own.join(({ edge, ended }) => {
        const first = firstInWindow(live, edge);
        const last = Math.max(first, edge - (ended ? 1 : PLAYER_LIMITS.liveHoldFrames));
        const wanted = wantedMs === null ? last : Math.floor(wantedMs / frameMs);
        // What was played to the edge goes on there: nothing is shown, and paid, again.
        return wanted < first ? last : Math.min(wanted, ended ? edge - 1 : edge);
      }, signal);
      signal.throwIfAborted();
      feed = own;
      hastens = false;
      follows = wantedMs === null || frame * frameMs >= (now()?.liveMs ?? 0);
      listener.onLive(now());
      const fromMs = wantedMs !== null && Math.floor(wantedMs / frameMs) === frame ? wantedMs : frame * frameMs;
      return { manifest: own.line.manifest, fromMs, from: frame };
    },
    async attach(session, signal) {
      const own = feed;
      if (own === null) return;
      await tellUpdates(ports, own, session, own.kept());
      listener.onGrown();
      void follow(own, session, signal);
    },
    beginAt(frame) {
      if (feed === null || !isBoard()) return false;
      next = { programmeId: feed.line.manifest.programme, frame };
      return true;
    },
    isBefore: (positionMs) => feed !== null && isBoard() && isBeforeSession(feed.line.manifest, firstFrame, positionMs),
    edge: () => (feed === null ? null : (feed.reach()?.edge ?? 0)),
    clampMs(positionMs) {
      const live = now();
      if (live === null) return positionMs;
      const placeMs = Math.max(live.firstMs, Math.min(positionMs, live.liveMs));
      return feed === null || !isBoard() ? placeMs : withoutSlip(feed.line.manifest, firstFrame, placeMs);
    },
    wishedMs(positionMs) {
      const live = now();
      if (live === null) return positionMs;
      return positionMs < live.firstMs ? null : Math.min(positionMs, live.edgeMs);
    },
    notice(session, positionMs, rate) {
      const live = now();
      // A board keeps to its edge by itself.
      if (live === null || isBoard()) return null;
      if (positionMs < live.firstMs) return live.liveMs;
      const behindFrames = (live.liveMs - positionMs) / frameMs;
      if (follows && !live.ended && !hastens && rate === 1 && behindFrames > PLAYER_LIMITS.liveDriftFrames) {
        hastens = true;
        setRate(session, PLAYER_LIMITS.liveCatchUpRate);
      } else if (hastens && (!follows || live.ended || behindFrames <= 0)) {
        hastens = false;
        setRate(session, 1);
      }
      return null;
    },
    leaveEdge: () => {
      follows = false;
    },
    goLive() {
      follows = true;
      return now()?.liveMs ?? null;
    },
    stop() {
      feed = null;
      hastens = false;
      follows = true;
      listener.onLive(null);
    },
  };
}
