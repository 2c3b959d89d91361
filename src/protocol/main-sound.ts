// Which sound track of a manifest is heard where nobody has chosen. By itself, so that a page can know it before it needs to read a manifest.

import type { AudioPart, ManifestPart } from './manifest-parts.ts';

/** The sound track that is heard unless a person chooses another; null for a silent programme. */
export function mainSoundOf(manifest: { readonly parts: readonly ManifestPart[] }): AudioPart | null {
  return manifest.parts.filter((part) => part.kind === 'audio').find(({ role }) => role === 'main') ?? null;
}
