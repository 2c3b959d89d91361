// What a decoded manifest means for playback: rungs to choose from, and which files a frame needs. Called by delivery.ts and
// player.ts. Pure reading of a manifest that was hash-checked; it fetches nothing.

import { mainSoundOf } from '../protocol/main-sound.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { PartAddress } from './part-fetcher.ts';
import type { Rung } from './rungs.ts';
import { partsOfLabels } from './tracks.ts';

/** The video parts as rungs, lowest first; each bitrate includes the sound that comes with it. */
export function rungsOf(manifest: Manifest): readonly Rung[] {
  const sound = mainSoundOf(manifest)?.bitrate ?? 0;
  return manifest.parts
    .filter((part) => part.kind === 'video')
    .map((part) => ({ label: part.label, height: part.height, bitrate: part.bitrate + sound }))
    .toSorted((a, b) => a.bitrate - b.bitrate);
}

/** The files of one frame at one rung: that video part and the tracks that are chosen, as far as they have something in this slot. */
export function partsOf(
  manifest: Manifest,
  frame: number,
  rung: string | null,
  tracks: readonly (string | null)[],
): readonly PartAddress[] {
  return partsOfLabels(manifest, frame, [rung, ...tracks]);
}

/** Frame at a place, at most the last one. */
export function frameAt(manifest: Pick<Manifest, 'frameCount' | 'frameDurationMs'>, positionMs: number): number {
  return Math.max(0, Math.min(manifest.frameCount - 1, Math.floor(positionMs / manifest.frameDurationMs)));
}
