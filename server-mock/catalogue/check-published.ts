// What must hold before a programme is listed: signed by this provider, described as it was signed, manifest stored,
// everything it names among the files, every frame key of the seed fitting its commitment. direct-registry.ts calls it; it changes nothing.

import { readFile } from 'node:fs/promises';
import { FareboxError } from '../../src/protocol/errors.ts';
import { isLiveManifest, type Manifest, verifyFrameKey } from '../../src/protocol/manifest.ts';
import { type VerifiedProgramme, verifyManifest, verifyProgramme } from '../../src/protocol/programme.ts';
import { sequenceFunction } from '../../src/protocol/sequence/sequence.ts';
import type { Provider } from '../provider.ts';
import type { PublishedProgramme } from './registry.ts';

/** The programme as it was signed. @throws FareboxError `publish/failed`, with what does not hold as detail; `programme/*`, `sequence/*`, `frame/wrong-key`. */
export async function checkPublished(provider: Provider, published: PublishedProgramme): Promise<VerifiedProgramme> {
  const { suite, certificate } = provider;
  const signed = await verifyProgramme({ bytes: published.programmeBytes, certificate, suite });
  const same: Readonly<Record<string, boolean>> = {
    id: signed.programme === published.id,
    title: signed.title === published.title,
    frameCount: signed.frameCount === published.frameCount,
    frameDurationMs: signed.frameDurationMs === published.frameDurationMs,
    sequence: signed.sequence === published.sequence,
    currency: signed.currency === published.currency,
    priceMinor: signed.priceMinor === BigInt(published.priceMinor),
    manifestHash: signed.manifest === published.manifestHash,
    modes: signed.modes.join() === published.modes.join(),
  };
  for (const [member, fits] of Object.entries(same)) {
    if (!fits) throw new FareboxError('publish/failed', { member });
  }
  const listed = new Set(published.files.map((file) => file.hash));
  if (!listed.has(published.manifestHash) || !listed.has(published.posterHash)) {
    throw new FareboxError('publish/failed', { member: 'files' });
  }
  if (!(await provider.content.has(published.manifestHash))) {
    throw new FareboxError('publish/failed', { file: published.manifestHash });
  }
  const manifest = verifyManifest({ bytes: await readFile(provider.content.path(signed.manifest)), programme: signed });
  checkWhole(manifest, published);
  // A live programme commits to its keys as its frames come (live/direct-live.ts).
  if (isLiveManifest(manifest)) return signed;
  const { frameCount } = signed;
  const sequence = sequenceFunction(signed.sequence);
  if (sequence.name === 'hkdf') {
    for (let frame = 0; frame < frameCount; frame += 1) {
      verifyFrameKey(manifest, frame, sequence.keyAt(published.seed, frame));
    }
    return signed;
  }
  // Walked in order a key of the tree costs a few hashes instead of thirty-two.
  const keys = sequence.restore(sequence.grant(published.seed, [[0, frameCount]]));
  for (let frame = 0; frame < frameCount; frame += 1) verifyFrameKey(manifest, frame, keys.next());
  return signed;
}

/** Everything the manifest names is among the files, in its size, and the catalogue says of it what it says. */
function checkWhole(manifest: Manifest, published: PublishedProgramme): void {
  if (manifest.durationMs !== published.durationMs) throw new FareboxError('publish/failed', { member: 'durationMs' });
  if (manifest.poster !== published.posterHash) throw new FareboxError('publish/failed', { member: 'posterHash' });
  const labels = new Set(manifest.parts.map(({ label }) => label));
  if (!published.rungs.every((rung) => labels.has(`video/${rung}`) || labels.has(`strokes/${rung}`))) {
    throw new FareboxError('publish/failed', { member: 'rungs' });
  }
  const sizes = new Map(published.files.map(({ hash, sizeBytes }) => [hash, sizeBytes]));
  for (const playlist of manifest.playlists.values()) {
    if (!sizes.has(playlist)) throw new FareboxError('publish/failed', { file: playlist });
  }
  for (const segments of [...manifest.parts.map((part) => part.segments), manifest.previews?.sheets ?? []]) {
    for (const segment of segments) {
      if (segment !== null && sizes.get(segment.hash) !== segment.sizeBytes) {
        throw new FareboxError('publish/failed', { file: segment.hash });
      }
    }
  }
}
