// All tracks of one programme beside its pictures, opened and judged before anything is encoded: the video's own sound, further ones
// from files, captions already cut into slots, chapters. publish.ts encodes, seals and describes what comes out of here.

import type { InputAudioTrack } from 'mediabunny';
import { FareboxError } from '../../../src/protocol/errors.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import type { CaptionsRole, Chapter, SoundRole } from '../../../src/protocol/manifest.ts';
import { SOUND_LABEL } from '../encode-sound.ts';
import { PUBLISH_LIMITS } from '../limits.ts';
import type { Segment } from '../segment.ts';
import type { Source } from '../source.ts';
import { readCaptions } from './captions.ts';
import { readChapters } from './chapters.ts';
import { openSoundFile, type SoundFile } from './sound-file.ts';
import { checkTrack, labelTracks, type TrackFile } from './track-names.ts';

/** What a person may add to a video. */
export type TrackOptions = {
  /** Sound tracks beside the video's own, from files of any format that has sound. */
  readonly sounds?: readonly TrackFile<Exclude<SoundRole, 'main'>>[];
  /** WebVTT files. */
  readonly captions?: readonly TrackFile<CaptionsRole>[];
  /** A WebVTT file of chapters. */
  readonly chapters?: string;
  /** Language of the video's own sound, RFC 5646; default what the file says. */
  readonly language?: string;
};

/** A sound track to encode. */
export type SoundTrack = {
  readonly label: string;
  readonly track: InputAudioTrack;
  /** Source time that is the programme's 0, in microseconds. */
  readonly originUs: number;
  readonly language: string;
  readonly name: string;
  readonly role: SoundRole;
};

/** Captions to seal. */
export type CaptionsTrack = {
  readonly label: string;
  readonly language: string;
  readonly name: string;
  readonly role: CaptionsRole;
  /** In order of slots; slots without a cue are not among them. */
  readonly segments: readonly Segment[];
};

/** Everything opened. */
export type ProgrammeTracks = {
  /** The video's own sound first, where it has one. */
  readonly sounds: readonly SoundTrack[];
  readonly captions: readonly CaptionsTrack[];
  readonly chapters: readonly Chapter[];
  readonly close: () => void;
};

/** Bytes that one segment takes in a manifest: its hash, its size, and their heads. */
const SEGMENT_BYTES = 42;
/** Bytes of a manifest that are no segments: headers of the parts, chapters, previews. */
const SPARE_BYTES = 256 * 1024;
/** Commitment to a frame key. */
const COMMITMENT_BYTES = 34;

/**
 * Opens all tracks.
 * @param rungCount rungs of the pictures. @param durationMs length of the programme.
 * @throws FareboxError `publish/too-many-tracks`, `request/malformed` (language, name), what `openSoundFile`, `readCaptions` and
 * `readChapters` throw.
 */
export async function openTracks(
  options: TrackOptions,
  source: Source,
  rungCount: number,
  durationMs: number,
): Promise<ProgrammeTracks> {
  const { sounds = [], captions = [], chapters } = options;
  for (const track of [...sounds, ...captions]) checkTrack(track);
  if (options.language !== undefined) checkTrack({ language: options.language, name: '' });
  checkCount(rungCount, sounds.length, captions.length, durationMs);
  const opened: SoundFile[] = [];
  const close = (): void => {
    for (const file of opened) file.close();
  };
  try {
    for (const { file } of sounds) opened.push(await openSoundFile(file));
    const labels = labelTracks('captions', captions, 'captions');
    const cut: CaptionsTrack[] = [];
    for (const [at, { file, ...named }] of captions.entries()) {
      cut.push({ ...named, label: labels[at] ?? '', segments: await readCaptions(file, durationMs) });
    }
    return {
      sounds: [...ownSound(options, source), ...furtherSounds(sounds, opened)],
      captions: cut,
      chapters: chapters === undefined ? [] : await readChapters(chapters, durationMs),
      close,
    };
  } catch (cause) {
    close();
    throw cause;
  }
}

/** The manifest has to hold them all, and one reader of it is a phone. */
function checkCount(rungs: number, sounds: number, captions: number, durationMs: number): void {
  const parts = rungs + 1 + sounds + captions;
  const slots = Math.ceil(durationMs / PUBLISH_LIMITS.slotMs);
  const sizeBytes = slots * (parts * SEGMENT_BYTES + COMMITMENT_BYTES) + SPARE_BYTES;
  const fits =
    sounds <= PUBLISH_LIMITS.extraSounds &&
    captions <= PUBLISH_LIMITS.captions &&
    parts <= LIMITS.parts &&
    sizeBytes <= LIMITS.cborSizeBytes;
  if (!fits) throw new FareboxError('publish/too-many-tracks', { sounds, captions });
}

function ownSound({ language }: TrackOptions, { sound, soundLanguage, originUs }: Source): SoundTrack[] {
  if (sound === null) return [];
  const names = { language: language ?? soundLanguage, name: '' };
  return [{ ...names, label: SOUND_LABEL, track: sound, originUs, role: 'main' }];
}

function furtherSounds(sounds: NonNullable<TrackOptions['sounds']>, opened: readonly SoundFile[]): SoundTrack[] {
  const labels = labelTracks('audio', sounds, 'dub');
  return opened.flatMap(({ track }, at): SoundTrack[] => {
    const [label, named] = [labels[at], sounds[at]];
    if (label === undefined || named === undefined) return [];
    const { language, name, role } = named;
    return [{ label, track, originUs: 0, language, name, role }];
  });
}
