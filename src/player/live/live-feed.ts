// News of a live programme for the host: asks for the newest update about twice a frame, fetches what it missed, and keeps what a module
// that begins anew has to be told. live-control.ts makes one for each visit. It checks the chain and no signature: the module does.

import { ERRORS, FareboxError, toErrorData } from '../../protocol/errors.ts';
import { type LiveLine, type LiveReach, makeLiveLine } from '../../protocol/live-line.ts';
import { firstInWindow, type LiveTerms } from '../../protocol/live-terms.ts';
import { type ReadLiveUpdate, readLiveUpdate } from '../../protocol/live-update.ts';
import { isBoardManifest, type Manifest } from '../../protocol/manifest.ts';
import { PLAYER_LIMITS } from '../limits.ts';
import type { PlayerPorts } from '../ports.ts';

/** What a feed needs of the world. */
export type FeedPorts = Pick<PlayerPorts, 'provider' | 'pause' | 'chance' | 'wallClockMs'>;

/** News of one programme. */
export type LiveFeed = {
  readonly line: LiveLine;
  /** How far it is; null before `join`. */
  reach(): LiveReach | null;
  /** Learns of everything from the frame on that `place` names for what is out now. @throws FareboxError `live/*`, `network/*`. */
  join(place: (reach: Pick<LiveReach, 'edge' | 'ended'>) => number, signal: AbortSignal): Promise<number>;
  /** Updates as they came, the oldest first: what a module is told. */
  kept(): readonly Uint8Array[];
  /** Asks on until the end or `signal`; `hear` is given each piece of news in turn, and is awaited. `lost` hears of trouble on the line, and null when it is over. */
  follow(
    hear: (updates: readonly Uint8Array[]) => Promise<void>,
    lost: (error: FareboxError | null) => void,
    signal: AbortSignal,
  ): Promise<void>;
};

/** Makes the feed of a programme. @throws FareboxError `live/not-live`. */
export function createLiveFeed(ports: FeedPorts, described: Manifest, terms: LiveTerms): LiveFeed {
  const { programme, frameDurationMs } = described;
  const line = makeLiveLine(described, terms);
  let news: ReadLiveUpdate[] = [];
  const isBoard = isBoardManifest(described);
  const askEachMs = isBoard ? PLAYER_LIMITS.boardPollMs : frameDurationMs / PLAYER_LIMITS.livePollsPerFrame;

  const ask = async (number: number | 'newest', signal: AbortSignal): Promise<ReadLiveUpdate> => {
    const update = readLiveUpdate(new Uint8Array(await ports.provider.liveUpdate(programme, number, signal)));
    if (number !== 'newest' && update.number !== number) throw new FareboxError('live/malformed', { number });
    return update;
  };

  /** Null while nothing was drawn on a board: anything else is on the air once it is listed. */
  const askNewest = async (signal: AbortSignal): Promise<ReadLiveUpdate | null> => {
    try {
      return await ask('newest', signal);
    } catch (error) {
      if (isBoard && line.reach() === null && toErrorData(error).code === 'live/not-live') return null;
      throw error;
    }
  };

  function take(update: ReadLiveUpdate): boolean {
    if (!line.extend(update, ports.wallClockMs())) return false;
    news.push(update);
    const first = firstInWindow(terms, update.to) - PLAYER_LIMITS.liveKeptBehind;
    news = news.filter(({ to }) => to > first);
    return true;
  }

  /** Brings the updates from that number up to the newest, in order. */
  async function catchUp(from: number, newest: ReadLiveUpdate, signal: AbortSignal): Promise<Uint8Array[]> {
    const taken: Uint8Array[] = [];
    for (let at = from; at < newest.number; at += PLAYER_LIMITS.liveParallel) {
      const count = Math.min(PLAYER_LIMITS.liveParallel, newest.number - at);
      const some = await Promise.all(Array.from({ length: count }, (_none, more) => ask(at + more, signal)));
      for (const update of some) if (take(update)) taken.push(update.bytes);
    }
    if (take(newest)) taken.push(newest.bytes);
    return taken;
  }

  return {
    line,
    reach: line.reach,
    kept: () => news.map(({ bytes }) => bytes),
    async join(place, signal) {
      const newest = await askNewest(signal);
      if (newest === null) return place({ edge: 0, ended: false });
      const frame = place({ edge: newest.to, ended: newest.ended });
      // Every update before the newest adds a frame at least, so this one is early enough.
      const back = Math.max(0, newest.from - frame);
      await catchUp(Math.max(0, newest.number - back), newest, signal);
      return frame;
    },
    async follow(hear, lost, signal) {
      let failures = 0;
      while (line.reach()?.ended !== true) {
        const pauseMs = askEachMs * (0.75 + ports.chance() / 2);
        await ports.pause(pauseMs, signal);
        try {
          const newest = await askNewest(signal);
          const next = (line.reach()?.number ?? -1) + 1;
          // A cache may give an older one than the newest that is known.
          const updates = newest === null || newest.number < next ? [] : await catchUp(next, newest, signal);
          if (failures > PLAYER_LIMITS.liveQuietFailures) lost(null);
          failures = 0;
          if (updates.length > 0) await hear(updates);
        } catch (error) {
          signal.throwIfAborted();
          const { code } = toErrorData(error);
          if (!(error instanceof FareboxError) || ERRORS[code].retry !== 'same-request') throw error;
          failures += 1;
          if (failures > PLAYER_LIMITS.liveQuietFailures) lost(error);
        }
      }
    },
  };
}
