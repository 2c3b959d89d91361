// From a frame's leaf to its clear parts, or to the keys of its parts: key commitment, part keys, SFrame. Called by take-frame.ts after the
// reservation is durable, with what deliver.ts and hand-over.ts ask for. Clear bytes and keys go to the caller only; nothing here is kept.

import { FareboxError } from '../../protocol/errors.ts';
import { type Manifest, segmentAt, verifyFrameKey } from '../../protocol/manifest.ts';
import { derivePartKey, openPart } from '../../protocol/parts.ts';
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

/** Which base keys are to be derived: labels of one frame, and its leaf (32 bytes). */
export type KeysToDerive = Omit<FrameToOpen, 'parts'> & { readonly labels: readonly string[] };

/** Label → base key (32 bytes) of that part: never K(n), which gives the keys of every part. @throws FareboxError `frame/wrong-key`. */
export async function derivePartKeys(given: KeysToDerive): Promise<ReadonlyMap<string, Uint8Array>> {
  const { manifest, frame, leaf, suite } = given;
  verifyFrameKey(manifest, frame, leaf);
  const derived = given.labels.map(
    async (label) => [label, await derivePartKey(leaf, manifest.programme, label, suite)] as const,
  );
  return new Map(await Promise.all(derived));
}

/**
 * The rung of what is asked for: the label of its video part, or of its first part.
 * @throws FareboxError `frame/unknown-part` for a label that the manifest has not, or has nothing for in this frame.
 */
export function rungOf(manifest: Manifest, frame: number, labels: readonly string[]): string {
  for (const label of labels) {
    if (segmentAt(manifest, label, frame) === null) throw unknownPart(label, frame);
  }
  const isVideo = (label: string) => manifest.parts.some((part) => part.label === label && part.kind === 'video');
  const rung = labels.find(isVideo) ?? labels[0];
  if (rung === undefined) throw unknownPart('', frame);
  return rung;
}

function unknownPart(label: string, frame: number): FareboxError {
  return new FareboxError('frame/unknown-part', { label, frame });
}
