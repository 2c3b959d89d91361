// What of a programme is kept, file by file, in the order of play. Pure reading of a manifest that was hash-checked. Called by downloads.ts and by
// the screens, which say what a quality weighs.

import { mainSoundOf } from '../../protocol/main-sound.ts';
import type { Manifest, ManifestPart } from '../../protocol/manifest.ts';

/** What a person chose to keep. */
export type KeepChoice = {
  /** Label of the part of pictures. */
  readonly rung: string;
  /** Labels of sounds beside the main one. */
  readonly sounds: readonly string[];
};

/** A file to keep. */
export type KeptFile = {
  /** SHA-256, hex. */
  readonly hash: string;
  readonly sizeBytes: number;
  /** The frame that it is part of; null for previews. */
  readonly frame: number | null;
};

/** Labels that are kept: the pictures, the main sound and those that were chosen, and all captions. */
export function labelsToKeep(manifest: Pick<Manifest, 'parts'>, { rung, sounds }: KeepChoice): readonly string[] {
  const main = mainSoundOf(manifest)?.label;
  const isKept = ({ kind, label }: ManifestPart): boolean =>
    kind === 'captions' || label === main || (kind === 'video' ? label === rung : sounds.includes(label));
  return manifest.parts.filter(isKept).map(({ label }) => label);
}

/** Every file once: previews first, since a person looks ahead while the rest is still coming, then frame by frame. */
export function filesToKeep(
  { parts, previews, frameCount }: Pick<Manifest, 'parts' | 'previews' | 'frameCount'>,
  labels: readonly string[],
): readonly KeptFile[] {
  const kept = parts.filter(({ label }) => labels.includes(label));
  const files = new Map<string, KeptFile>();
  for (const { hash, sizeBytes } of previews?.sheets ?? []) files.set(hash, { hash, sizeBytes, frame: null });
  for (let frame = 0; frame < frameCount; frame += 1) {
    for (const { segments } of kept) {
      const segment = segments[frame];
      if (segment && !files.has(segment.hash)) files.set(segment.hash, { ...segment, frame });
    }
  }
  return [...files.values()];
}

/** Sum of files, bytes. */
export function sizeOf(files: readonly Pick<KeptFile, 'sizeBytes'>[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
