// The parts of a manifest (docs/protocol.md §4, §19): rungs of pictures, sound tracks, captions. manifest.ts reads and writes
// them with it. A part says what it is and where each of its segments lies; what is in them stays sealed.

import { STROKES_LABEL } from './board-kind.ts';
import { CAPTIONS_CODEC } from './captions.ts';
import type { CborValue } from './cbor.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { type ContentHash, decodeContentHash, idBytes } from './ids.ts';
import { decodeLabel } from './label.ts';
import { decodeLanguage, decodeTrackName } from './language.ts';
import { LIMITS } from './limits.ts';
import { type MembersReader, readMembers } from './members.ts';
import { PREVIEWS_LABEL } from './previews.ts';
import { STROKES_CODEC } from './strokes.ts';

const CODE = 'programme/malformed';

/** What a sound track is for. `main`: the one that a programme is played with unless a person chooses another. */
export const SOUND_ROLES = ['main', 'commentary', 'description', 'dub'] as const;

/** What captions are for: `captions` tell sounds as well, `subtitles` only what is said. */
export const CAPTIONS_ROLES = ['captions', 'subtitles'] as const;

/** Role of a sound track. */
export type SoundRole = (typeof SOUND_ROLES)[number];

/** Role of captions. */
export type CaptionsRole = (typeof CAPTIONS_ROLES)[number];

/** One sealed part of one frame: the name of its file and that file's size, header and tag included. */
export type Segment = Readonly<{ hash: ContentHash; sizeBytes: number }>;

type PartBase = Readonly<{
  /** `video/720p`, `audio/main`, `captions/en`. */
  label: string;
  /** RFC 6381; `fbcc` for captions. */
  codec: string;
  /** Bits a second, mean over the programme. */
  bitrate: number;
  /** CMAF header, clear; empty for captions. */
  init: Uint8Array;
  /** One for each frame; null where this part has nothing in that slot. None in the manifest of a live programme, whose updates bring them. */
  segments: readonly (Segment | null)[];
}>;

/** What a menu shows of a track: a language (RFC 5646) and a name, '' each where there is none. */
export type TrackNames = Readonly<{ language: string; name: string }>;

/** A rung of pictures. `pictureRate` in thousandths of a picture a second. */
export type VideoPart = PartBase & Readonly<{ kind: 'video'; width: number; height: number; pictureRate: number }>;

/** A sound track. `sampleRate` in samples a second. */
export type AudioPart = PartBase &
  TrackNames &
  Readonly<{ kind: 'audio'; channels: number; sampleRate: number; role: SoundRole }>;

/** Captions or subtitles; what a segment holds once it is opened, captions.ts reads. */
export type CaptionsPart = PartBase & TrackNames & Readonly<{ kind: 'captions'; role: CaptionsRole }>;

/** A whiteboard: each frame a stroke, which strokes.ts reads once it is opened. `width` and `height` only say which shape the board has. */
export type StrokesPart = PartBase & Readonly<{ kind: 'strokes'; width: number; height: number }>;

/** One track of the programme. */
export type ManifestPart = VideoPart | AudioPart | CaptionsPart | StrokesPart;

/** The map of one part. */
export function encodePart(part: ManifestPart): CborValue {
  const { segments, ...described } = part;
  return new Map<string, CborValue>([...Object.entries(described), ['segments', segments.map(encodeSegment)]]);
}

/** A segment, or null, as manifests and live updates have it. */
export function encodeSegment(segment: Segment | null): CborValue {
  return segment === null ? null : [idBytes(segment.hash), segment.sizeBytes];
}

/** Reads it. Throws `code`. */
export function decodeSegment(value: CborValue, code: FareboxErrorCode): Segment | null {
  if (value === null) return null;
  if (!Array.isArray(value) || value.length !== 2) throw new FareboxError(code, { member: 'segments' });
  const [hash, sizeBytes]: readonly CborValue[] = value;
  if (typeof sizeBytes !== 'number' || sizeBytes < 1 || sizeBytes > LIMITS.sealedPartSizeBytes) {
    throw new FareboxError(code, { member: 'segments' });
  }
  return { hash: decodeContentHash(hash, code), sizeBytes };
}

/** Reads all parts of a manifest of `version` 1 or 2, each with so many segments: one a frame, or none in a live one. Errors: `programme/malformed`. */
export function decodeParts(value: CborValue, segmentCount: number, version: number): readonly ManifestPart[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > LIMITS.parts) {
    throw new FareboxError(CODE, { member: 'parts' });
  }
  const parts: ManifestPart[] = [];
  for (const part of value) parts.push(readPart(part, { segmentCount, version, hasSound: parts.some(isSound) }));
  if (new Set(parts.map(({ label }) => label)).size !== parts.length) throw new FareboxError(CODE, { member: 'label' });
  // One is what is heard when nobody has chosen; with two, host and module could disagree about which.
  const mains = parts.filter((part) => part.kind === 'audio' && part.role === 'main').length;
  if (mains !== (parts.some(isSound) ? 1 : 0)) throw new FareboxError(CODE, { member: 'role' });
  // Strokes have times of their own, and nothing else would keep to them.
  if (parts.length > 1 && parts.some(({ kind }) => kind === 'strokes'))
    throw new FareboxError(CODE, { member: 'kind' });
  return Object.freeze(parts);
}

const isSound = (part: ManifestPart): boolean => part.kind === 'audio';

type Reading = Readonly<{ segmentCount: number; version: number; hasSound: boolean }>;

function readPart(value: CborValue, reading: Reading): ManifestPart {
  const members = readMembers(value, CODE);
  const segments = members.raw('segments');
  if (!Array.isArray(segments) || segments.length !== reading.segmentCount) {
    throw new FareboxError(CODE, { member: 'segments' });
  }
  const label = decodeLabel(members.raw('label'), CODE);
  if (label === PREVIEWS_LABEL) throw new FareboxError(CODE, { member: 'label' });
  const base = {
    label,
    codec: members.text('codec', LIMITS.codecLength),
    bitrate: members.integer('bitrate', 1, LIMITS.bitrate),
    segments: segments.map((segment: CborValue) => decodeSegment(segment, CODE)),
  };
  const part = readTrack(members, base, reading);
  members.end();
  return part;
}

function readTrack(members: MembersReader, base: Omit<PartBase, 'init'>, reading: Reading): ManifestPart {
  const kind = members.text('kind', 8);
  const init = (): Uint8Array => members.bytes('init', 1, LIMITS.initSizeBytes);
  if (kind === 'video') {
    return {
      ...{ ...base, kind, init: init() },
      width: members.integer('width', 1, LIMITS.pictureSide),
      height: members.integer('height', 1, LIMITS.pictureSide),
      pictureRate: members.integer('pictureRate', 1, LIMITS.pictureRateMilli),
    };
  }
  if (kind === 'audio') {
    return {
      ...{ ...base, kind, init: init() },
      channels: members.integer('channels', 1, LIMITS.audioChannels),
      sampleRate: members.integer('sampleRate', 1, LIMITS.sampleRate),
      ...readSoundNames(members, reading),
    };
  }
  if (kind === 'captions' && reading.version > 1) {
    if (base.codec !== CAPTIONS_CODEC) throw new FareboxError(CODE, { member: 'codec' });
    return {
      ...{ ...base, kind, init: members.bytes('init', 0, 0) },
      ...readNames(members),
      role: readRole(members, CAPTIONS_ROLES),
    };
  }
  if (kind === 'strokes' && reading.version > 1) {
    if (base.codec !== STROKES_CODEC) throw new FareboxError(CODE, { member: 'codec' });
    if (base.label !== STROKES_LABEL) throw new FareboxError(CODE, { member: 'label' });
    return {
      ...{ ...base, kind, init: members.bytes('init', 0, 0) },
      width: members.integer('width', 1, LIMITS.pictureSide),
      height: members.integer('height', 1, LIMITS.pictureSide),
    };
  }
  throw new FareboxError(CODE, { member: 'kind' });
}

/** Version 1 says nothing of its sound tracks: the first is the one to hear. */
function readSoundNames(members: MembersReader, { version, hasSound }: Reading): TrackNames & { role: SoundRole } {
  if (version > 1) return { ...readNames(members), role: readRole(members, SOUND_ROLES) };
  return { language: '', name: '', role: hasSound ? 'dub' : 'main' };
}

function readNames(members: MembersReader): TrackNames {
  return {
    language: decodeLanguage(members.raw('language'), CODE),
    name: decodeTrackName(members.raw('name'), CODE),
  };
}

function readRole<Role extends string>(members: MembersReader, roles: readonly Role[]): Role {
  const named = members.text('role', 16);
  const role = roles.find((known) => known === named);
  if (role === undefined) throw new FareboxError(CODE, { member: 'role' });
  return role;
}
