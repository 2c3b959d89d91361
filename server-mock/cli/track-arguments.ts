// `--captions de:Deutsch=FILE.vtt` and `--sound en/commentary:Director=FILE` read apart. publish.ts of this folder hands them on;
// whether the files are any good, the publisher finds out.

import { isLanguage, isTitle } from '../../src/protocol/language.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { CAPTIONS_ROLES, type CaptionsRole, SOUND_ROLES, type SoundRole } from '../../src/protocol/manifest-parts.ts';
import type { TrackFile } from '../publisher/tracks/track-names.ts';
import { UsageError } from './command.ts';

/** What a further sound may be for: all but the main one. */
type FurtherRole = Exclude<SoundRole, 'main'>;

const FURTHER_ROLES = SOUND_ROLES.filter((role) => role !== 'main');

/** Lines of the usage. */
export const TRACK_USAGE = [
  '  --captions LANG[/ROLE][:NAME]=FILE.vtt  WebVTT captions, once for each; the role is captions or subtitles',
  '  --sound LANG[/ROLE][:NAME]=FILE  another sound track, once for each; the role is dub, commentary or description',
  '  --chapters FILE.vtt  chapters, as WebVTT',
  "  --language LANG  language of the video's own sound, where the file does not tell",
] as const;

/** @throws UsageError naming what does not fit. */
export function readCaptionsArguments(given: readonly string[]): readonly TrackFile<CaptionsRole>[] {
  return given.map((argument) => readTrack('--captions', argument, CAPTIONS_ROLES, 'captions'));
}

/** @throws UsageError naming what does not fit. */
export function readSoundArguments(given: readonly string[]): readonly TrackFile<FurtherRole>[] {
  return given.map((argument) => readTrack('--sound', argument, FURTHER_ROLES, 'dub'));
}

/** @throws UsageError for what is no language tag. */
export function readLanguage(given: string): string {
  if (!isLanguage(given)) throw new UsageError(`--language is a language such as en or pt-BR, not "${given}"`);
  return given;
}

function readTrack<Role extends string>(
  option: string,
  argument: string,
  roles: readonly Role[],
  usual: Role,
): TrackFile<Role> {
  // The file's name may have any of these signs in it; what stands before the first `=` may not.
  const [, language = '', named, name = '', file = ''] =
    /^([^/:=]+)(?:\/([^:=]*))?(?::([^=]*))?=(.+)$/s.exec(argument) ?? [];
  if (file === '') throw new UsageError(`${option} is LANG[/ROLE][:NAME]=FILE, not "${argument}"`);
  if (!isLanguage(language))
    throw new UsageError(`${option} begins with a language such as en or pt-BR, not "${language}"`);
  if (!isTitle(name, 0, LIMITS.trackNameLength)) {
    throw new UsageError(`${option} has a name of at most ${LIMITS.trackNameLength} characters in one line`);
  }
  const role = named === undefined ? usual : roles.find((known) => known === named);
  if (role === undefined) throw new UsageError(`${option} has one of the roles ${roles.join(', ')}, not "${named}"`);
  return { file, language, name, role };
}
