// What is kept, as much as the first script has to know of it: which programmes, the way to their files, and the catalogue with no line. The rest is
// loaded when something is kept, or looked at. Composed by terminal-ports.ts.

import type { CatalogueEntry } from '../../host/answers.ts';
import type { HostNotes } from '../../host/errands/parts.ts';
import type { Provider } from '../../host/provider.ts';
import type { Downloads } from '../../player/offline/downloads.ts';
import { type KeptReading, keptFirst } from '../../player/offline/kept-first.ts';
import type { PlayerPorts } from '../../player/ports.ts';
import { createStore, type ReadableStore } from '../../player/store.ts';
import type { ContentHash } from '../../protocol/ids.ts';

/** Kept programmes for the screens and the player. */
export type Kept = Required<PlayerPorts>['kept'] & {
  /** Ids of what is kept, wholly or not. */
  readonly ids: ReadableStore<readonly string[]>;
  /** True while the catalogue that was read last is what is kept, since the provider's could not be had. */
  readonly isAll: ReadableStore<boolean>;
  /** The same for all who ask. */
  downloads(): Promise<Downloads>;
};

/** The provider, with what is kept before it. */
export type KeptFirst = Omit<Provider, 'programme' | 'content'> &
  Pick<PlayerPorts['provider'], 'programme' | 'content'>;

const NOTE = 'kept';

/** What is loaded when it is needed. */
export type KeptLoading = {
  shelf: KeptReading['shelf'];
  /** The entries of what is kept; addresses of their posters are put into `posters`. */
  catalogue(posters: Map<ContentHash, string>): Promise<readonly CatalogueEntry[]>;
};

const LOADING: KeptLoading = {
  shelf: async () => (await import('./browser-shelf.ts')).browserShelf(),
  catalogue: async (posters) => (await import('./kept-catalogue.ts')).keptCatalogue(posters),
};

/** Makes it over the provider. `open` loads the downloads; `noteKept` is to be called with the ids whenever they change. */
export function makeKept(
  provider: Provider,
  notes: HostNotes,
  open: (noteKept: (ids: readonly string[]) => void) => Promise<Downloads>,
  load: KeptLoading = LOADING,
): { readonly kept: Kept; readonly provider: KeptFirst } {
  const ids = createStore<readonly string[]>((notes.read(NOTE) ?? '').split(' ').filter((id) => id !== ''));
  const isAll = createStore(false);
  const posters = new Map<ContentHash, string>();
  let opening: Promise<Downloads> | null = null;

  const { kept, ...first } = keptFirst(provider, {
    ids: ids.getSnapshot,
    shelf: load.shelf,
  });

  async function catalogue(signal: AbortSignal): Promise<readonly CatalogueEntry[]> {
    try {
      const entries = await provider.catalogue(signal);
      isAll.set(false);
      return entries;
    } catch (error) {
      signal.throwIfAborted();
      if (ids.getSnapshot().length === 0) throw error;
      const entries = await load.catalogue(posters);
      if (entries.length === 0) throw error;
      isAll.set(true);
      return entries;
    }
  }

  function noteKept(next: readonly string[]): void {
    const text = next.join(' ');
    if (text === ids.getSnapshot().join(' ')) return;
    notes.write(NOTE, text);
    ids.set(next);
  }

  return {
    provider: {
      ...provider,
      ...first,
      catalogue,
      contentUrl: (hash) => posters.get(hash) ?? provider.contentUrl(hash),
    },
    kept: {
      ...kept,
      ids,
      isAll,
      downloads() {
        opening ??= open(noteKept).catch((error: unknown) => {
          // A piece that could not be fetched is asked for again by whoever comes next.
          opening = null;
          throw error;
        });
        return opening;
      },
    },
  };
}
