// Manifests (docs/protocol.md §4): every part of every frame of a programme, by hash and size, and the commitments to the
// frame keys. Written by the publisher, read by host (what to fetch) and module (what to expect). Named by its own hash,
// so it is not signed; verifyManifest in programme.ts binds it to a programme.

import { type Bytes, equalBytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { type ContentHash, decodeContentHash, decodeProgrammeId, idBytes, type ProgrammeId } from './ids.ts';
import { decodeLabel } from './label.ts';
import { LIMITS } from './limits.ts';
import { type MembersReader, readMembers } from './members.ts';
import { commitFrameKey } from './parts.ts';

const TYPE = 'farebox/manifest';
const VERSION = 1;
const CODE = 'programme/malformed';

/** Bytes of a commitment to a frame key. */
export const COMMITMENT_LENGTH_BYTES = 32;

/** One sealed part of one frame: the name of its file and that file's size, header and tag included. */
export type Segment = Readonly<{ hash: ContentHash; sizeBytes: number }>;

type PartBase = Readonly<{
  /** `video/720p`, `audio/main`. */
  label: string;
  /** RFC 6381. */
  codec: string;
  /** Bits a second, mean over the programme. */
  bitrate: number;
  /** CMAF header, clear. */
  init: Uint8Array;
  /** One for each frame; null where this part has nothing in that slot. */
  segments: readonly (Segment | null)[];
}>;

/** A rung of pictures. `pictureRate` in thousandths of a picture a second. */
export type VideoPart = PartBase & Readonly<{ kind: 'video'; width: number; height: number; pictureRate: number }>;

/** A sound track. `sampleRate` in samples a second. */
export type AudioPart = PartBase & Readonly<{ kind: 'audio'; channels: number; sampleRate: number }>;

/** One track of the programme. */
export type ManifestPart = VideoPart | AudioPart;

/** What a programme consists of. */
export type Manifest = Readonly<{
  programme: ProgrammeId;
  frameCount: number;
  frameDurationMs: number;
  /** Length of the media; the last frame may be shorter than the others. */
  durationMs: number;
  parts: readonly ManifestPart[];
  /** 32 bytes for each frame, one after another. */
  commitments: Uint8Array;
  poster: ContentHash;
  /** File name → hash of the HLS playlists that the segments came from. */
  playlists: ReadonlyMap<string, ContentHash>;
}>;

function partMembers(part: ManifestPart): CborValue {
  const segments = part.segments.map((segment) =>
    segment === null ? null : [idBytes(segment.hash), segment.sizeBytes],
  );
  const own: readonly (readonly [string, CborValue])[] =
    part.kind === 'video'
      ? [
          ['width', part.width],
          ['height', part.height],
          ['pictureRate', part.pictureRate],
        ]
      : [
          ['channels', part.channels],
          ['sampleRate', part.sampleRate],
        ];
  return new Map<string, CborValue>([
    ['label', part.label],
    ['kind', part.kind],
    ['codec', part.codec],
    ['bitrate', part.bitrate],
    ['init', part.init],
    ['segments', segments],
    ...own,
  ]);
}

/** The manifest's bytes; their hash is its name. Whether it is within the bounds, `decodeManifest` says. */
export function encodeManifest(manifest: Manifest): Bytes {
  return encodeCbor(
    new Map<string, CborValue>([
      ['type', TYPE],
      ['version', VERSION],
      ['programme', idBytes(manifest.programme)],
      ['frameCount', manifest.frameCount],
      ['frameDurationMs', manifest.frameDurationMs],
      ['durationMs', manifest.durationMs],
      ['parts', manifest.parts.map(partMembers)],
      ['commitments', manifest.commitments],
      ['poster', idBytes(manifest.poster)],
      ['playlists', new Map([...manifest.playlists].map(([name, hash]) => [name, idBytes(hash)]))],
    ]),
  );
}

function readSegment(value: CborValue): Segment | null {
  if (value === null) return null;
  if (!Array.isArray(value) || value.length !== 2) throw new FareboxError(CODE, { member: 'segments' });
  const [hash, sizeBytes]: readonly CborValue[] = value;
  if (typeof sizeBytes !== 'number' || sizeBytes < 1 || sizeBytes > LIMITS.sealedPartSizeBytes) {
    throw new FareboxError(CODE, { member: 'segments' });
  }
  return { hash: decodeContentHash(hash, CODE), sizeBytes };
}

function readPart(value: CborValue, frameCount: number): ManifestPart {
  const members = readMembers(value, CODE);
  const segments = members.raw('segments');
  if (!Array.isArray(segments) || segments.length !== frameCount) throw new FareboxError(CODE, { member: 'segments' });
  const base = {
    label: decodeLabel(members.raw('label'), CODE),
    codec: members.text('codec', LIMITS.codecLength),
    bitrate: members.integer('bitrate', 1, LIMITS.bitrate),
    init: members.bytes('init', 1, LIMITS.initSizeBytes),
    segments: segments.map(readSegment),
  };
  const part = readTrack(members, base);
  members.end();
  return part;
}

function readTrack(members: MembersReader, base: PartBase): ManifestPart {
  switch (members.text('kind', 8)) {
    case 'video':
      return {
        ...base,
        kind: 'video',
        width: members.integer('width', 1, LIMITS.pictureSide),
        height: members.integer('height', 1, LIMITS.pictureSide),
        pictureRate: members.integer('pictureRate', 1, LIMITS.pictureRateMilli),
      };
    case 'audio':
      return {
        ...base,
        kind: 'audio',
        channels: members.integer('channels', 1, LIMITS.audioChannels),
        sampleRate: members.integer('sampleRate', 1, LIMITS.sampleRate),
      };
    default:
      throw new FareboxError(CODE, { member: 'kind' });
  }
}

function readPlaylists(value: CborValue): ReadonlyMap<string, ContentHash> {
  if (!(value instanceof Map) || value.size > LIMITS.playlists) throw new FareboxError(CODE, { member: 'playlists' });
  const playlists = new Map<string, ContentHash>();
  for (const [name, hash] of value) {
    if (typeof name !== 'string' || name.length === 0 || name.length > LIMITS.fileNameLength) {
      throw new FareboxError(CODE, { member: 'playlists' });
    }
    playlists.set(name, decodeContentHash(hash, CODE));
  }
  return playlists;
}

/** Reads a manifest. Errors: `cbor/*`, `programme/malformed`. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const members = readMembers(decodeCbor(bytes), CODE);
  if (members.text('type', TYPE.length) !== TYPE) throw new FareboxError(CODE, { member: 'type' });
  members.integer('version', VERSION, VERSION);
  const frameCount = members.integer('frameCount', 1, LIMITS.cborItems);
  const frameDurationMs = members.integer('frameDurationMs', LIMITS.frameDurationMinMs, LIMITS.frameDurationMaxMs);
  const commitmentsLengthBytes = COMMITMENT_LENGTH_BYTES * frameCount;
  const listed = members.raw('parts');
  if (!Array.isArray(listed) || listed.length < 1 || listed.length > LIMITS.parts) {
    throw new FareboxError(CODE, { member: 'parts' });
  }
  const parts = listed.map((part: CborValue) => readPart(part, frameCount));
  if (new Set(parts.map((part) => part.label)).size !== parts.length) throw new FareboxError(CODE, { member: 'label' });
  const manifest = {
    programme: decodeProgrammeId(members.raw('programme'), CODE),
    frameCount,
    frameDurationMs,
    // The last frame has at least a millisecond of its slot.
    durationMs: members.integer('durationMs', (frameCount - 1) * frameDurationMs + 1, frameCount * frameDurationMs),
    parts,
    commitments: members.bytes('commitments', commitmentsLengthBytes, commitmentsLengthBytes),
    poster: members.hash('poster'),
    playlists: readPlaylists(members.raw('playlists')),
  };
  members.end();
  return Object.freeze(manifest);
}

/** Commitment to the key of `frame`, 32 bytes within the manifest's own. Errors: `grant/not-covered` beyond the programme's end. */
export function commitmentAt(manifest: Manifest, frame: number): Uint8Array {
  if (!Number.isInteger(frame) || frame < 0 || frame >= manifest.frameCount)
    throw new FareboxError('grant/not-covered', { frame });
  const from = frame * COMMITMENT_LENGTH_BYTES;
  return manifest.commitments.subarray(from, from + COMMITMENT_LENGTH_BYTES);
}

/** Throws `frame/wrong-key` unless `frameKey` is what the provider committed to for `frame`; compared in constant time. */
export function verifyFrameKey(manifest: Manifest, frame: number, frameKey: Uint8Array): void {
  if (!equalBytes(commitFrameKey(manifest.programme, frame, frameKey), commitmentAt(manifest, frame))) {
    throw new FareboxError('frame/wrong-key', { frame });
  }
}

/** The segment of a part in a frame; null where the part has nothing there. Errors: `frame/unknown-part`. */
export function segmentAt(manifest: Manifest, label: string, frame: number): Segment | null {
  const segment = manifest.parts.find((part) => part.label === label)?.segments[frame];
  if (segment === undefined) throw new FareboxError('frame/unknown-part', { label, frame });
  return segment;
}
