// How a whiteboard is told from any other programme (docs/protocol.md §22). In a file of its own, so that a page that only asks for this
// loads nothing else of manifests and strokes.

import type { Manifest } from './manifest.ts';

/** Label of the one part that a board has. */
export const STROKES_LABEL = 'strokes/board';

/** True for the manifest of a whiteboard. */
export function isBoardManifest(manifest: Pick<Manifest, 'parts'>): boolean {
  return manifest.parts.some(({ kind }) => kind === 'strokes');
}
