// What a decoded manifest means for playback: rungs to choose from, and which files a frame needs. Called by delivery.ts and
// player.ts. Pure reading of a manifest that was hash-checked; it fetches nothing.

import { isBoardManifest, STROKES_LABEL } from '../protocol/board-kind.ts';
import { mainSoundOf } from '../protocol/main-sound.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { MachineEvent } from './machine.ts';
import type { PartAddress } from './part-fetcher.ts';
import type { ProgrammeMeasures } from './player-state.ts';
import type { Rung } from './rungs.ts';
import { partsOfLabels } from './tracks.ts';

/** The video parts as rungs, lowest first; each bitrate includes the sound that comes with it. */
export function rungsOf(manifest: Manifest): readonly (Rung & { readonly width: number })[] {
  const sound = mainSoundOf(manifest)?.bitrate ?? 0;
  return manifest.parts
    .filter((part) => part.kind === 'video')
    .map(({ label, width, height, bitrate }) => ({ label, width, height, bitrate: bitrate + sound }))
    .toSorted((a, b) => a.bitrate - b.bitrate);
}

/** The files of one frame at one rung: that video part and the tracks that are chosen, as far as they have something in this slot. */
export function partsOf(
  manifest: Manifest,
  frame: number,
  rung: string | null,
  tracks: readonly (string | null)[],
): readonly PartAddress[] {
  return partsOfLabels(manifest, frame, [rung, ...tracks, STROKES_LABEL]);
}

/** What says where frames lie in time: their number, or of a board when each began. */
export type FrameTimes = Pick<Manifest, 'frameCount' | 'frameDurationMs' | 'begins'>;

/** Frame at a place, at most the last one; of a board the newest stroke that had begun by then. */
export function frameAt({ frameCount, frameDurationMs, begins }: FrameTimes, positionMs: number): number {
  // What was before its reader joined has no time, and is not asked for.
  const frame = begins?.findLastIndex((beganMs) => beganMs <= positionMs) ?? Math.floor(positionMs / frameDurationMs);
  return Math.max(0, Math.min(frameCount - 1, frame));
}

/** What the screens measure a programme by. */
export function measuresOf(manifest: Manifest): ProgrammeMeasures {
  const { frameCount, frameDurationMs, durationMs, chapters, previews } = manifest;
  const kind = { hasPreviews: previews !== null, isBoard: isBoardManifest(manifest) };
  return { frameCount, frameDurationMs, durationMs, rungs: rungsOf(manifest), chapters, ...kind };
}

/** How play goes on where everything before this frame is lost. */
export function eventBehind({ frameCount, frameDurationMs }: FrameTimes, next: number): MachineEvent {
  return next < frameCount ? { type: 'seek', positionMs: next * frameDurationMs } : { type: 'stop' };
}
