// The catalogue with no line: what is kept, as it stood in the provider's catalogue, with posters from the shelf. Loaded when it is needed.

import { type CatalogueEntry, decodeCatalogue } from '../../host/answers.ts';
import type { ContentHash } from '../../protocol/ids.ts';
import { browserShelf } from './browser-shelf.ts';

/** What can be shown of it; an entry that does not read is left out. Addresses of posters are put into `posters`. */
export async function keptCatalogue(posters: Map<ContentHash, string>): Promise<readonly CatalogueEntry[]> {
  const shelf = browserShelf();
  const shown: CatalogueEntry[] = [];
  for (const { catalogueEntry } of await shelf.entries()) {
    const entry = readEntry(catalogueEntry);
    if (entry === null) continue;
    shown.push(entry);
    const poster = posters.has(entry.poster) ? null : await shelf.file(entry.poster);
    if (poster !== null) posters.set(entry.poster, URL.createObjectURL(new Blob([poster])));
  }
  return shown;
}

/** An entry of the provider's catalogue as it was noted; null for anything else. */
export function readEntry(json: string): CatalogueEntry | null {
  try {
    return decodeCatalogue({ programmes: [JSON.parse(json)] })[0] ?? null;
  } catch {
    return null;
  }
}
