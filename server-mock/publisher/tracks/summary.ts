// What a published programme has beside its pictures, for whoever published it. Pure.

import type { Chapter, ManifestPart } from '../../../src/protocol/manifest.ts';

/** A track as it can be chosen. */
export type NamedTrack = {
  readonly label: string;
  /** RFC 5646, '' where it is not told. */
  readonly language: string;
  readonly name: string;
  readonly role: string;
};

/** Sounds with the main one first, captions, and how many chapters and sheets of previews there are. */
export type TrackSummary = {
  readonly sounds: readonly NamedTrack[];
  readonly captions: readonly NamedTrack[];
  readonly chapters: number;
  readonly previewSheets: number;
};

/** Reads it out of a manifest's parts. */
export function summariseTracks(
  parts: readonly ManifestPart[],
  chapters: readonly Chapter[],
  previewSheets: number,
): TrackSummary {
  const namesOf = (kind: 'audio' | 'captions'): NamedTrack[] =>
    parts.flatMap((part) => {
      if (part.kind === 'video' || part.kind !== kind) return [];
      const { label, language, name, role } = part;
      return [{ label, language, name, role }];
    });
  return { sounds: namesOf('audio'), captions: namesOf('captions'), chapters: chapters.length, previewSheets };
}
