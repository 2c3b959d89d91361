// What tracks are called: the label of each in the manifest, which goes into its keys, and the language a media file tells of its own
// sound. Pure.

import { FareboxError } from '../../../src/protocol/errors.ts';
import { isLanguage, isTitle } from '../../../src/protocol/language.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';

/** A track from a file of its own. */
export type TrackFile<Role extends string> = {
  readonly file: string;
  /** RFC 5646. */
  readonly language: string;
  /** '' for none. */
  readonly name: string;
  readonly role: Role;
};

/** @throws FareboxError `request/malformed` for a language or a name that no manifest can hold. */
export function checkTrack({ language, name }: Pick<TrackFile<string>, 'language' | 'name'>): void {
  if (!isLanguage(language)) throw new FareboxError('request/malformed', { member: 'language' });
  if (!isTitle(name, 0, LIMITS.trackNameLength)) throw new FareboxError('request/malformed', { member: 'name' });
}

/** Labels for tracks of one kind in order: `audio/de`, `audio/de-commentary`, and `audio/de-2` where that is taken; never `audio/main`, for no language is called so. @param usual role that is not told. */
export function labelTracks(
  kind: 'audio' | 'captions',
  tracks: readonly Pick<TrackFile<string>, 'language' | 'role'>[],
  usual: string,
): readonly string[] {
  const labels = new Set<string>();
  return tracks.map(({ language, role }) => {
    const plain = `${kind}/${language.toLowerCase()}${role === usual ? '' : `-${role}`}`;
    let label = plain;
    for (let number = 2; labels.has(label); number += 1) label = `${plain}-${number}`;
    labels.add(label);
    return label;
  });
}

/** A container's language code (ISO 639-2, `und` for none) as a manifest has it: the shortest tag, or '' where it tells nothing. */
export function languageOf(code: string): string {
  if (code === 'und' || !isLanguage(code)) return '';
  try {
    return Intl.getCanonicalLocales(code)[0] ?? '';
  } catch {
    return '';
  }
}
