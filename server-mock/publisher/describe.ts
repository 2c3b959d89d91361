// Writes down what a programme consists of once all its parts are sealed: playlists and manifest. publish.ts calls it once and
// stores what it answers. Pure; it sees sealed files and clear headers only.

import { CAPTIONS_CODEC } from '../../src/protocol/captions.ts';
import type { ContentHash, ProgrammeId } from '../../src/protocol/ids.ts';
import type {
  AudioPart,
  CaptionsPart,
  Chapter,
  Manifest,
  ManifestPart,
  VideoPart,
} from '../../src/protocol/manifest.ts';
import type { Previews } from '../../src/protocol/previews.ts';
import type { ProgrammeFile } from '../catalogue/registry.ts';
import type { EncodedRung } from './encode-pictures.ts';
import { PUBLISH_LIMITS } from './limits.ts';
import { SOUND_CHANNELS, SOUND_RATE } from './sound-encoder.ts';
import { SOUND_CODEC } from './sound-lane.ts';
import type { CaptionsTrack, SoundTrack } from './tracks/programme-tracks.ts';

/** Files of one part. */
type PartFiles = readonly (ProgrammeFile | null)[];

/** A rung as the manifest has it. @param pictureRate pictures a second. */
export function describeRung(
  encoded: EncodedRung,
  segments: PartFiles,
  pictureRate: number,
  durationMs: number,
): VideoPart {
  const { rung, codec, init } = encoded;
  return {
    kind: 'video',
    label: rung.label,
    codec,
    bitrate: meanBitrate(segments, durationMs),
    init,
    segments,
    width: rung.width,
    height: rung.height,
    pictureRate: Math.round(pictureRate * 1000),
  };
}

/** A sound track as the manifest has it. */
export function describeSound(
  { label, language, name, role }: Omit<SoundTrack, 'track' | 'originUs'>,
  init: Uint8Array,
  segments: PartFiles,
  durationMs: number,
): AudioPart {
  const bitrate = meanBitrate(segments, durationMs);
  return {
    ...{ kind: 'audio', label, codec: SOUND_CODEC, bitrate, init, segments },
    ...{ channels: SOUND_CHANNELS, sampleRate: SOUND_RATE, language, name, role },
  };
}

/** Captions as the manifest has them. */
export function describeCaptions(
  { label, language, name, role }: Omit<CaptionsTrack, 'segments'>,
  segments: PartFiles,
  durationMs: number,
): CaptionsPart {
  const bitrate = meanBitrate(segments, durationMs);
  const init = new Uint8Array(0);
  return { kind: 'captions', label, codec: CAPTIONS_CODEC, bitrate, init, segments, language, name, role };
}

/** What is the same for all parts. */
export type ManifestFrame = {
  readonly programme: ProgrammeId;
  readonly durationMs: number;
  readonly commitments: Uint8Array;
  readonly poster: ContentHash;
  readonly playlists: ReadonlyMap<string, ContentHash>;
  readonly chapters: readonly Chapter[];
  readonly previews: Previews;
};

/** Slots of a programme; the last may be short. */
export const slotCount = (durationMs: number): number => Math.ceil(durationMs / PUBLISH_LIMITS.slotMs);

/** Puts the manifest together. */
export function describeProgramme(frame: ManifestFrame, parts: readonly ManifestPart[]): Manifest {
  const frameDurationMs = PUBLISH_LIMITS.slotMs;
  return { ...frame, frameCount: slotCount(frame.durationMs), frameDurationMs, parts };
}

/** Bits a second over the slots that have something. */
function meanBitrate(segments: PartFiles, durationMs: number): number {
  const present = segments.filter((segment) => segment !== null);
  const bytes = present.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  const lengthMs = Math.min(durationMs, present.length * PUBLISH_LIMITS.slotMs);
  return Math.max(1, Math.round((bytes * 8000) / Math.max(1, lengthMs)));
}

/** Highest rate of any slot; a short last slot counts as a whole one. */
export function peakBitrate(segments: PartFiles): number {
  const largest = segments.reduce((size, segment) => Math.max(size, segment?.sizeBytes ?? 0), 0);
  return Math.ceil((largest * 8000) / PUBLISH_LIMITS.slotMs);
}
