// The content files of one programme while it is published. Everything the publisher stores goes through here, so that a
// failure or an abort can take back exactly what was new. It never removes a file that was there before, nor one that
// another programme has come to use meanwhile.

import { type ContentHash, hashObject } from '../../src/protocol/ids.ts';
import type { ProgrammeFile, ProgrammeRegistry } from '../catalogue/registry.ts';
import type { ContentStore, StoredContent } from '../content/store.ts';

/** Files stored so far. */
export type Staging = {
  /** Stores a file that no other programme can have: sealed under this one's keys, or naming it. Durable on return. @throws what the content store throws. */
  readonly put: (bytes: Uint8Array) => Promise<StoredContent>;
  /** Stores a clear file, of which another programme may have the same: headers, playlists, posters. Otherwise as `put`. */
  readonly putClear: (bytes: Uint8Array) => Promise<StoredContent>;
  /** Every file of the programme, each once. */
  readonly files: () => readonly ProgrammeFile[];
  /** Lets the files stay whatever comes: somebody may already refer to them. */
  readonly release: () => void;
  /** Removes the files that were not in the store before. Puts under way are waited for; after it nothing may be put. */
  readonly discard: () => Promise<void>;
};

/** Opens an empty staging on a content store; the registry says which clear files are in use. */
export function makeStaging(content: ContentStore, registry: Pick<ProgrammeRegistry, 'removeUnlisted'>): Staging {
  const files = new Map<ContentHash, number>();
  const added = { sealed: new Set<ContentHash>(), clear: new Set<ContentHash>() };
  const underWay = new Set<Promise<unknown>>();

  const store = async (bytes: Uint8Array, known: ContentHash, kind: 'sealed' | 'clear'): Promise<StoredContent> => {
    const isNew = !(await content.has(known));
    // Noted before it is stored: a put that fails late may have left its file.
    if (isNew) added[kind].add(known);
    const stored = await content.put(bytes);
    files.set(stored.hash, stored.sizeBytes);
    return stored;
  };

  const putAs =
    (kind: 'sealed' | 'clear') =>
    async (bytes: Uint8Array): Promise<StoredContent> => {
      const storing = store(bytes, hashObject(bytes), kind);
      underWay.add(storing);
      try {
        return await storing;
      } finally {
        underWay.delete(storing);
      }
    };

  return {
    put: putAs('sealed'),
    putClear: putAs('clear'),
    files: () => [...files].map(([hash, sizeBytes]) => ({ hash, sizeBytes })),
    release: () => {
      added.sealed.clear();
      added.clear.clear();
    },
    discard: async () => {
      await Promise.allSettled(underWay);
      await Promise.all([...added.sealed].map((hash) => content.remove(hash)));
      // Where the catalogue cannot be asked, a few small files stay: better than another programme's going.
      if (added.clear.size > 0) await registry.removeUnlisted([...added.clear]).catch(() => undefined);
    },
  };
}
