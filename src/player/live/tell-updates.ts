// Gives live updates to the module, in order and as many at once as it takes. Called by live-control.ts for the display and by outputs/output-line.ts
// for other players. Which updates there are the feed knows.

import { FareboxError } from '../../protocol/errors.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { PlayerPorts } from '../ports.ts';
import type { LiveFeed } from './live-feed.ts';

/** Tells a session these updates; one whose worker has forgotten what was before is told all that is kept. @throws FareboxError `live/*`, `session/*`. */
export async function tellUpdates(
  ports: Pick<PlayerPorts, 'module'>,
  feed: Pick<LiveFeed, 'kept'>,
  session: string,
  updates: readonly Uint8Array[],
): Promise<void> {
  for (let at = 0; at < updates.length; at += LIMITS.liveUpdatesAtOnce) {
    const some = updates.slice(at, at + LIMITS.liveUpdatesAtOnce);
    try {
      await ports.module.call('extendManifest', { session, updates: some });
    } catch (error) {
      const isGap = error instanceof FareboxError && error.code === 'live/gap';
      if (!isGap || updates.length >= feed.kept().length) throw error;
      await tellUpdates(ports, feed, session, feed.kept());
      return;
    }
  }
}
