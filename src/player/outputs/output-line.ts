// The live side of an output: where another player joins, what the module is told, and how much of the programme the playlists may name. Loaded by
// output.ts for a live programme alone. A frame is named only when it is out, the module knows it, and a session of this output can have it.

import { FareboxError, type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';
import { firstInWindow } from '../../protocol/live-terms.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { PLAYER_LIMITS } from '../limits.ts';
import { createLiveFeed } from '../live/live-feed.ts';
import { tellUpdates } from '../live/tell-updates.ts';
import type { PlayerPorts } from '../ports.ts';
import type { LoadedProgramme } from '../programme-loading.ts';
import type { OutputSession } from './output-session.ts';
import type { ListedFrames } from './playlists.ts';

/** A live programme as an output follows it. */
export type OutputLine = {
  /** Grows as the programme does. */
  readonly manifest: Manifest;
  /** The frame that the session begins with. */
  readonly from: number;
  /** What a playlist names now. @throws FareboxError what ended the following for good: `live/*`. */
  listed(): ListedFrames;
  /** Tells a session that was begun or taken up all that is known. @throws FareboxError `live/*`. */
  attach(session: string): Promise<void>;
  /** Follows the programme until its end or `signal`. `onTrouble`: the line is bad (its code) or good again (null). */
  follow(
    session: Pick<OutputSession, 'within'>,
    onTrouble: (code: FareboxErrorCode | null) => void,
    signal: AbortSignal,
  ): void;
};

/** Joins as near to the edge as one can play. @throws FareboxError `live/*`, `network/*`, and the signal's reason. */
export async function joinOutputLine(
  ports: PlayerPorts,
  { manifest: described, live }: Pick<LoadedProgramme, 'manifest' | 'live'>,
  signal: AbortSignal,
): Promise<OutputLine> {
  if (live === null) throw new FareboxError('live/not-live');
  const terms = live;
  const feed = createLiveFeed(ports, described, terms);
  const from = await feed.join(({ edge, ended }) => {
    const first = firstInWindow(terms, edge);
    // Of one that has ended there is its window to see, from its beginning.
    return ended ? first : Math.max(first, edge - PLAYER_LIMITS.liveHoldFrames);
  }, signal);
  signal.throwIfAborted();
  /** Frames that the module of the present session knows. */
  let told: ListedFrames = { first: from, edge: from, ended: false };
  let broken: FareboxError | null = null;

  function noteTold(): void {
    const { edge, ended } = feed.reach() ?? { edge: from, ended: false };
    told = { first: Math.max(from, firstInWindow(terms, edge)), edge, ended };
  }

  return {
    manifest: feed.line.manifest,
    from,
    listed() {
      if (broken !== null) throw broken;
      return told;
    },
    async attach(session) {
      await tellUpdates(ports, feed, session, feed.kept());
      noteTold();
    },
    follow(session, onTrouble, until) {
      const hear = async (updates: readonly Uint8Array[]): Promise<void> => {
        await session.within(told.edge, (id) => tellUpdates(ports, feed, id, updates));
        noteTold();
      };
      feed
        .follow(hear, (error) => onTrouble(error?.code ?? null), until)
        .catch((error: unknown) => {
          if (until.aborted) return;
          broken = error instanceof FareboxError ? error : new FareboxError(toErrorData(error).code);
          onTrouble(broken.code);
        });
    },
  };
}
