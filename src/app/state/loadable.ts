// A thing that is being loaded, is here, or could not be: what every list on the screen is. Shared by the stores beside it.

import { createStore, type ReadableStore } from '../../player/store.ts';
import { type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';

/** Where loading stands. `stale` keeps what was here before beside the error of the newest attempt. */
export type Loadable<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'here'; readonly value: T }
  | { readonly state: 'stale'; readonly value: T; readonly code: FareboxErrorCode }
  | { readonly state: 'failed'; readonly code: FareboxErrorCode };

/** A store that loads. */
export type LoadableStore<T> = ReadableStore<Loadable<T>> & {
  /** Loads anew; what is shown stays until the answer is here. An older attempt that is still on its way is given up. */
  reload(): Promise<void>;
};

/** Makes a store that has not been loaded yet. */
export function createLoadable<T>(load: (signal: AbortSignal) => Promise<T>): LoadableStore<T> {
  const store = createStore<Loadable<T>>({ state: 'loading' });
  let attempt = new AbortController();
  return {
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
    async reload() {
      attempt.abort();
      attempt = new AbortController();
      const { signal } = attempt;
      const before = store.getSnapshot();
      if (before.state === 'failed') store.set({ state: 'loading' });
      try {
        const value = await load(signal);
        if (!signal.aborted) store.set({ state: 'here', value });
      } catch (error) {
        if (signal.aborted) return;
        const { code } = toErrorData(error);
        store.set('value' in before ? { state: 'stale', value: before.value, code } : { state: 'failed', code });
      }
    },
  };
}
