// From a frame's leaf to its clear parts: key commitment, part keys, SFrame. Called by deliver.ts after the reservation is durable.
// Clear bytes go to the caller only; nothing here is kept.

import { FareboxError } from '../../protocol/errors.ts';
import { type Manifest, segmentAt, verifyFrameKey } from '../../protocol/manifest.ts';
import { openPart } from '../../protocol/parts.ts';
import type { CryptoSuite } from '../../protocol/suite/suite.ts';
import type { SealedPart } from '../commands.ts';

/** What is to be opened: the parts of one frame, and its leaf (32 bytes). */
export type FrameToOpen = {
  readonly manifest: Manifest;
  readonly frame: number;
  readonly leaf: Uint8Array;
  readonly parts: readonly SealedPart[];
  readonly suite: CryptoSuite;
};

/** Label → clear bytes. @throws FareboxError `frame/wrong-key`, `frame/cut`, `frame/tampered`. */
export async function openParts(given: FrameToOpen): Promise<ReadonlyMap<string, Uint8Array>> {
  const { manifest, frame, leaf, suite } = given;
  verifyFrameKey(manifest, frame, leaf);
  const opened = given.parts.map(async ({ label, sealed }): Promise<readonly [string, Uint8Array]> => {
    const sizeBytes = segmentAt(manifest, label, frame)?.sizeBytes ?? 0;
    const place = { frameKey: leaf, programme: manifest.programme, label, frame };
    return [label, await openPart({ ...place, sealed: new Uint8Array(sealed), sizeBytes, suite })];
  });
  return new Map(await Promise.all(opened));
}

/**
 * The rung of a delivery: the label of its video part, or of its first part.
 * @throws FareboxError `frame/unknown-part` for a label that the manifest has not, or has nothing for in this frame.
 */
export function rungOf(manifest: Manifest, frame: number, parts: readonly SealedPart[]): string {
  for (const { label } of parts) {
    if (segmentAt(manifest, label, frame) === null) throw unknownPart(label, frame);
  }
  const video = parts.find(({ label }) => manifest.parts.some((part) => part.label === label && part.kind === 'video'));
  const rung = video ?? parts[0];
  if (rung === undefined) throw unknownPart('', frame);
  return rung.label;
}

function unknownPart(label: string, frame: number): FareboxError {
  return new FareboxError('frame/unknown-part', { label, frame });
}
