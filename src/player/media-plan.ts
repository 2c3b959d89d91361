// What a decoded manifest means for playback: rungs to choose from, and which files a frame needs. Called by delivery.ts and
// player.ts. Pure reading of a manifest that was hash-checked; it fetches nothing.

import type { Manifest } from '../protocol/manifest.ts';
import type { PartAddress } from './part-fetcher.ts';
import type { Rung } from './rungs.ts';

/** The video parts as rungs, lowest first; each bitrate includes the sound that comes with it. */
export function rungsOf(manifest: Manifest): readonly Rung[] {
  const sound = manifest.parts.filter((part) => part.kind === 'audio').reduce((sum, part) => sum + part.bitrate, 0);
  return manifest.parts
    .filter((part) => part.kind === 'video')
    .map((part) => ({ label: part.label, height: part.height, bitrate: part.bitrate + sound }))
    .toSorted((a, b) => a.bitrate - b.bitrate);
}

/** The files of one frame at one rung: that video part and every sound part that has something in this slot. */
export function partsOf(manifest: Manifest, frame: number, rung: string | null): readonly PartAddress[] {
  return manifest.parts.flatMap((part) => {
    const segment = part.segments[frame];
    const needed = part.kind === 'audio' || part.label === rung;
    return needed && segment ? [{ label: part.label, hash: segment.hash }] : [];
  });
}

/** Frame at a place, at most the last one. */
export function frameAt(manifest: Pick<Manifest, 'frameCount' | 'frameDurationMs'>, positionMs: number): number {
  return Math.max(0, Math.min(manifest.frameCount - 1, Math.floor(positionMs / manifest.frameDurationMs)));
}
