// The content files of one programme while it is published. Everything the publisher stores goes through here, so that a
// failure or an abort can take back exactly what was new. It never removes a file that was there before.

import { type ContentHash, hashObject } from '../../src/protocol/ids.ts';
import type { ProgrammeFile } from '../catalogue/registry.ts';
import type { ContentStore, StoredContent } from '../content/store.ts';

/** Files stored so far. */
export type Staging = {
  /** Stores a file; durable on return. @throws what the content store throws. */
  readonly put: (bytes: Uint8Array) => Promise<StoredContent>;
  /** Every file of the programme, each once. */
  readonly files: () => readonly ProgrammeFile[];
  /** Lets the files stay whatever comes: somebody may already refer to them. */
  readonly release: () => void;
  /** Removes the files that were not in the store before. Puts under way are waited for; after it nothing may be put. */
  readonly discard: () => Promise<void>;
};

/** Opens an empty staging on a content store. */
export function makeStaging(content: ContentStore): Staging {
  const files = new Map<ContentHash, number>();
  const added = new Set<ContentHash>();
  const underWay = new Set<Promise<unknown>>();

  const store = async (bytes: Uint8Array, known: ContentHash): Promise<StoredContent> => {
    const isNew = !(await content.has(known));
    // Noted before it is stored: a put that fails late may have left its file.
    if (isNew) added.add(known);
    const stored = await content.put(bytes);
    files.set(stored.hash, stored.sizeBytes);
    return stored;
  };

  return {
    put: async (bytes) => {
      const storing = store(bytes, hashObject(bytes));
      underWay.add(storing);
      try {
        return await storing;
      } finally {
        underWay.delete(storing);
      }
    },
    files: () => [...files].map(([hash, sizeBytes]) => ({ hash, sizeBytes })),
    release: () => added.clear(),
    discard: async () => {
      await Promise.allSettled(underWay);
      await Promise.all([...added].map((hash) => content.remove(hash)));
    },
  };
}
