// The provider as the player sees it where programmes are kept: what is on the shelf comes from there, the rest over the line. Part of the first
// script, so it knows little: the shelf itself is loaded when something is kept.

import type { PlayerPorts } from '../ports.ts';
import type { Shelf } from './shelf.ts';

/** What is kept, as the first script knows it. */
export type KeptReading = {
  /** Ids of what is kept, wholly or not. */
  ids(): readonly string[];
  shelf(): Promise<Pick<Shelf, 'entry' | 'file'>>;
};

/** Programmes and files from the shelf before the line; a shelf that cannot be read is none. */
export function keptFirst(
  { programme, content }: Pick<PlayerPorts['provider'], 'programme' | 'content'>,
  { ids, shelf }: KeptReading,
): Pick<PlayerPorts['provider'], 'programme' | 'content'> & Required<Pick<PlayerPorts, 'kept'>> {
  const entryOf = async (programmeId: string) => {
    if (!ids().includes(programmeId)) return null;
    return (await shelf()).entry(programmeId).catch(() => null);
  };
  return {
    async programme(programmeId, signal) {
      const entry = await entryOf(programmeId);
      if (entry === null) return programme(programmeId, signal);
      return { ...entry, manifest: entry.manifestHash };
    },
    async content(hash, request) {
      // Asked for past every cache, because what was given was no good: the shelf is one.
      if (request.fresh !== true && ids().length > 0) {
        const file = await (await shelf()).file(hash).catch(() => null);
        request.signal.throwIfAborted();
        if (file !== null) return file;
      }
      return content(hash, request);
    },
    kept: { labels: async (programmeId) => (await entryOf(programmeId))?.labels ?? null },
  };
}
