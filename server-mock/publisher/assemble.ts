// Puts the manifest of a programme together once all its parts are sealed, and stores it with its playlists. publish.ts calls it
// once for each programme and signs the hash that comes out.

import { utf8 } from '../../src/protocol/bytes.ts';
import type { ContentHash } from '../../src/protocol/ids.ts';
import { decodeManifest, encodeManifest, type ManifestPart } from '../../src/protocol/manifest.ts';
import { describeCaptions, describeProgramme, describeRung, describeSound, type ManifestFrame } from './describe.ts';
import type { Encoded } from './encode.ts';
import { contentUri, MASTER_NAME, playlistName, writeMasterPlaylist, writeMediaPlaylist } from './playlists.ts';
import type { Sealer } from './seal.ts';
import type { Staging } from './staging.ts';
import type { ProgrammeTracks } from './tracks/programme-tracks.ts';

/** What was made of a programme's pictures and tracks. */
export type Made = {
  readonly encoded: Encoded;
  readonly tracks: ProgrammeTracks;
  readonly sealer: Sealer;
  /** Pictures a second. */
  readonly pictureRate: number;
};

/** Parts as the manifest lists them: rungs best first, the main sound, the other sounds, captions. Those that nothing came of are left out. */
export function describeParts(
  { encoded, tracks, sealer, pictureRate }: Made,
  durationMs: number,
): readonly ManifestPart[] {
  const rungs = encoded.rungs.map((rung) =>
    describeRung(rung, sealer.segmentsOf(rung.rung.label), pictureRate, durationMs),
  );
  const sounds = tracks.sounds.flatMap((sound) => {
    const init = encoded.soundInits.get(sound.label);
    return init === undefined ? [] : [describeSound(sound, init, sealer.segmentsOf(sound.label), durationMs)];
  });
  const captions = tracks.captions.map((track) => describeCaptions(track, sealer.segmentsOf(track.label), durationMs));
  // Where a video has no sound of its own, the first that was added is heard.
  const [first, ...others] = sounds;
  return [...rungs, ...(first === undefined ? [] : [{ ...first, role: 'main' as const }, ...others]), ...captions];
}

/** Stores playlists and manifest. @returns the manifest's hash. */
export async function storeManifest(
  whole: Omit<ManifestFrame, 'playlists'>,
  parts: readonly ManifestPart[],
  staging: Staging,
): Promise<ContentHash> {
  const playlists = await storePlaylists(parts, whole.durationMs, staging);
  const bytes = encodeManifest(describeProgramme({ ...whole, playlists }, parts));
  // Read back before anyone is sold it: what this reader refuses, every module refuses.
  decodeManifest(bytes);
  const { hash } = await staging.put(bytes);
  return hash;
}

/** @returns file name → hash, as the manifest lists them. Captions have none: HLS knows them as WebVTT, which they are not any more. */
async function storePlaylists(
  parts: readonly ManifestPart[],
  durationMs: number,
  staging: Staging,
): Promise<ReadonlyMap<string, ContentHash>> {
  const playlists = new Map<string, ContentHash>();
  for (const part of parts) {
    if (part.kind === 'captions') continue;
    const { hash: init } = await staging.putClear(part.init);
    const { hash } = await staging.putClear(utf8(writeMediaPlaylist(part, contentUri(init), durationMs)));
    playlists.set(playlistName(part.label), hash);
  }
  const uriOf = (part: ManifestPart): string => {
    const hash = playlists.get(playlistName(part.label));
    if (hash === undefined) throw new Error(`${part.label} has no playlist.`);
    return contentUri(hash);
  };
  const rungs = parts.filter((part) => part.kind === 'video');
  const sounds = parts.filter((part) => part.kind === 'audio');
  const { hash } = await staging.putClear(utf8(writeMasterPlaylist(rungs, sounds, uriOf)));
  return playlists.set(MASTER_NAME, hash);
}
