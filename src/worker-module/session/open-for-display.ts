// Which parts of a frame the display takes, and how they are opened for it. Called by deliver.ts and supplement.ts. Picture and sound open or
// the frame fails; captions that do not open come out empty, so that they cost the frame nothing: the display says so when it reads them.

import { FareboxError } from '../../protocol/errors.ts';
import type { Manifest, ManifestPart } from '../../protocol/manifest.ts';
import type { CryptoSuite } from '../../protocol/suite/suite.ts';
import type { SealedPart } from '../commands.ts';
import type { ClearParts } from '../frame-gateway.ts';
import { openParts } from './open-parts.ts';

/** A frame to be shown: its leaf (32 bytes) and its sealed parts. */
export type FrameToShow = {
  readonly core: { readonly suite: CryptoSuite };
  readonly manifest: Manifest;
  readonly frame: number;
  readonly leaf: Uint8Array;
  readonly parts: readonly SealedPart[];
};

const KINDS: readonly ManifestPart['kind'][] = ['video', 'audio', 'captions', 'strokes'];

/** Refuses more than one part of a kind: a person sees one picture, hears one sound and reads one text. @throws FareboxError `request/malformed`. */
export function expectOneOfKind(manifest: Manifest, parts: readonly SealedPart[]): void {
  for (const kind of KINDS) {
    if (parts.filter(({ label }) => kindOf(manifest, label) === kind).length > 1) {
      throw new FareboxError('request/malformed', { field: 'parts', kind });
    }
  }
}

/** Label → clear bytes; captions that do not open are empty. @throws FareboxError `frame/wrong-key`, `frame/cut`, `frame/tampered`. */
export async function openForDisplay({ core, parts, ...rest }: FrameToShow): Promise<ClearParts> {
  const given = { ...rest, suite: core.suite };
  const captions = parts.filter(({ label }) => kindOf(rest.manifest, label) === 'captions');
  const opening = captions.map((part) =>
    openParts({ ...given, parts: [part] }).catch(() => new Map([[part.label, new Uint8Array()]])),
  );
  const others = await openParts({ ...given, parts: parts.filter((part) => !captions.includes(part)) });
  const read = await Promise.all(opening);
  return new Map([...others, ...read.flatMap((part) => [...part])]);
}

function kindOf(manifest: Manifest, label: string): ManifestPart['kind'] | undefined {
  return manifest.parts.find((part) => part.label === label)?.kind;
}
