// Manifests (docs/protocol.md §4): every part of every frame of a programme, by hash and size, and the commitments to the
// frame keys. Written by the publisher, read by host (what to fetch) and module (what to expect). Named by its own hash,
// so it is not signed; verifyManifest in programme.ts binds it to a programme.

import { isBoardManifest } from './board-kind.ts';
import { type Bytes, equalBytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { type ContentHash, decodeContentHash, decodeProgrammeId, idBytes, type ProgrammeId } from './ids.ts';
import { isTitle } from './language.ts';
import { LIMITS } from './limits.ts';
import { decodeParts, encodePart, type ManifestPart, type Segment } from './manifest-parts.ts';
import { readMembers } from './members.ts';
import { commitFrameKey } from './parts.ts';
import { decodePreviews, encodePreviews, type Previews } from './previews.ts';

export { isBoardManifest } from './board-kind.ts';
export { mainSoundOf } from './main-sound.ts';
export type {
  AudioPart,
  CaptionsPart,
  CaptionsRole,
  ManifestPart,
  Segment,
  SoundRole,
  StrokesPart,
  VideoPart,
} from './manifest-parts.ts';

const TYPE = 'farebox/manifest';
const VERSION = 2;
const FIRST_VERSION = 1;
const CODE = 'programme/malformed';

/** Bytes of a commitment to a frame key. */
export const COMMITMENT_LENGTH_BYTES = 32;

/** A named place of the programme, ms on its clock; it ends where the next one begins. */
export type Chapter = Readonly<{ startMs: number; title: string }>;

/** What a programme consists of. */
export type Manifest = Readonly<{
  programme: ProgrammeId;
  frameCount: number;
  frameDurationMs: number;
  /** Length of the media; the last frame may be shorter than the others. */
  durationMs: number;
  parts: readonly ManifestPart[];
  /** 32 bytes for each frame, one after another; none in the manifest of a live programme. */
  commitments: Uint8Array;
  poster: ContentHash;
  /** File name → hash of the HLS playlists that the segments came from. */
  playlists: ReadonlyMap<string, ContentHash>;
  /** In order of time; none where the programme has no chapters. */
  chapters: readonly Chapter[];
  /** Null where there are none. */
  previews: Previews | null;
  /** Of a board as its reader knows it: when each known stroke began, ms on the board's clock (live-line.ts). No part of the file. */
  begins?: readonly number[];
}>;

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
      ['parts', manifest.parts.map(encodePart)],
      ['commitments', manifest.commitments],
      ['poster', idBytes(manifest.poster)],
      ['playlists', new Map([...manifest.playlists].map(([name, hash]) => [name, idBytes(hash)]))],
      ['chapters', manifest.chapters.map(({ startMs, title }) => [startMs, title])],
      ['previews', encodePreviews(manifest.previews)],
    ]),
  );
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

function readChapters(value: CborValue, durationMs: number): readonly Chapter[] {
  const refuse = (): never => {
    throw new FareboxError(CODE, { member: 'chapters' });
  };
  if (!Array.isArray(value) || value.length > LIMITS.chapters) return refuse();
  let earliestMs = 0;
  return value.map((chapter: CborValue) => {
    const [startMs, title]: readonly CborValue[] = Array.isArray(chapter) && chapter.length === 2 ? chapter : refuse();
    if (typeof startMs !== 'number' || startMs < earliestMs || startMs >= durationMs) return refuse();
    if (!isTitle(title, 1, LIMITS.titleLength)) return refuse();
    earliestMs = startMs + 1;
    return { startMs, title };
  });
}

/** Reads a manifest of version 2, or of version 1, which has neither captions, chapters nor previews. Errors: `cbor/*`, `programme/malformed`. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const members = readMembers(decodeCbor(bytes, { items: LIMITS.manifestItems }), CODE);
  if (members.text('type', TYPE.length) !== TYPE) throw new FareboxError(CODE, { member: 'type' });
  const version = members.integer('version', FIRST_VERSION, VERSION);
  const frameCount = members.integer('frameCount', 1, LIMITS.cborItems);
  const frameDurationMs = members.integer('frameDurationMs', LIMITS.frameDurationMinMs, LIMITS.frameDurationMaxMs);
  // What is to come has neither segments nor commitments yet: all of them, or none.
  const isLive = version > FIRST_VERSION && members.bytes('commitments', 0, LIMITS.cborSizeBytes).length === 0;
  const commitmentsLengthBytes = isLive ? 0 : COMMITMENT_LENGTH_BYTES * frameCount;
  const parts = decodeParts(members.raw('parts'), isLive ? 0 : frameCount, version);
  // The last frame has at least a millisecond of its slot.
  const leastMs = isLive ? frameCount * frameDurationMs : (frameCount - 1) * frameDurationMs + 1;
  const durationMs = members.integer('durationMs', leastMs, frameCount * frameDurationMs);
  const manifest = {
    programme: decodeProgrammeId(members.raw('programme'), CODE),
    frameCount,
    frameDurationMs,
    durationMs,
    parts,
    commitments: members.bytes('commitments', commitmentsLengthBytes, commitmentsLengthBytes),
    poster: members.hash('poster'),
    playlists: readPlaylists(members.raw('playlists')),
    chapters: version === FIRST_VERSION ? [] : readChapters(members.raw('chapters'), durationMs),
    previews: version === FIRST_VERSION ? null : decodePreviews(members.raw('previews'), durationMs),
  };
  members.end();
  // A board is drawn while it is watched: one that has its frames already is none.
  const isWrongBoard = isBoardManifest(manifest) && (!isLive || frameCount > LIMITS.boardStrokes);
  if (isWrongBoard) throw new FareboxError(CODE, { member: 'parts' });
  return Object.freeze(manifest);
}

/** True for the manifest of a live programme as it is published: its frames come with live updates (docs/protocol.md §20). */
export function isLiveManifest(manifest: Pick<Manifest, 'commitments'>): boolean {
  return manifest.commitments.length === 0;
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
