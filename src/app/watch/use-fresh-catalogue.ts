// Keeps the catalogue true while somebody looks at it: what is live ends, and what was announced begins. Used by catalogue-page.tsx.

import { useEffect } from 'react';
import type { CatalogueEntry } from '../../host/answers.ts';
import type { LoadableStore } from '../state/loadable.ts';

/** A live programme that has ended is on the page no longer than this. */
const FRESH_MS = 30_000;

/** Loads anew now and then, and at once when the page is seen again after longer than that. Asks for nothing while it is hidden. */
export function useFreshCatalogue(catalogue: LoadableStore<readonly CatalogueEntry[]>): void {
  useEffect(() => {
    let askedMs = performance.now();
    const ask = (): void => {
      // A list that is on its way, or that failed and says so, is left to its own button.
      if (document.visibilityState === 'hidden' || catalogue.getSnapshot().state !== 'here') return;
      if (performance.now() - askedMs < FRESH_MS) return;
      askedMs = performance.now();
      void catalogue.reload();
    };
    // Late by a third at most, so that what is hidden asks nobody and what is shown needs no second clock.
    const timer = setInterval(ask, FRESH_MS / 3);
    document.addEventListener('visibilitychange', ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [catalogue]);
}
