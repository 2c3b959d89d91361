// Finds a programme in the catalogue that is loaded. Used wherever a screen knows an id and shows a title or a poster.

import type { CatalogueEntry } from '../host/answers.ts';
import { useStore, useTerminal } from './terminal-context.tsx';

/** The entry; null while it is not known. */
export function useCatalogueEntry(programmeId: string | null): CatalogueEntry | null {
  const loaded = useStore(useTerminal().catalogue);
  if (!('value' in loaded)) return null;
  return loaded.value.find(({ id }) => id === programmeId) ?? null;
}

/** Address of its poster; null while it is not known. */
export function usePosterUrl(programmeId: string | null): string | null {
  const { contentUrl } = useTerminal();
  const entry = useCatalogueEntry(programmeId);
  return entry === null ? null : contentUrl(entry.poster);
}
