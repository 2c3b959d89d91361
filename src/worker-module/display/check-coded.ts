// What a segment says of itself against what its manifest says: its codec, the size of its pictures, and where it lies in time. It was
// authenticated, so nobody changed it on the way; but the provider made it and may lie, and a decoder or a clock that believed it would
// wait for pictures that never come due. Pure; called by the tracks before anything is decoded.

import { FareboxError } from '../../protocol/errors.ts';
import type { ManifestPart } from '../../protocol/manifest.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';

/** As much of coded pictures or samples as is checked. Times in microseconds. */
export type CodedClaims = {
  readonly config: { readonly codec: string; readonly codedWidth?: number; readonly codedHeight?: number };
  readonly chunks: readonly { readonly timestamp: number }[];
};

/** The slot on the programme's clock, ms. */
type Slot = { readonly startMs: number; readonly endMs: number };

/**
 * @throws FareboxError `media/codec` where it is in another form, or of larger pictures, than was said; `frame/undecodable` where it lies
 * elsewhere in time than its slot, or comes in more pieces than a slot can have.
 */
export function checkCoded(coded: CodedClaims, part: ManifestPart | undefined, { startMs, endMs }: Slot): void {
  const { config, chunks } = coded;
  const label = part?.label ?? '';
  if (part === undefined || familyOf(config.codec) !== familyOf(part.codec) || isLarger(config, part)) {
    throw new FareboxError('media/codec', { label });
  }
  const slackUs = DISPLAY_LIMITS.timeSlackMs * 1_000;
  const isElsewhere = ({ timestamp }: { readonly timestamp: number }): boolean =>
    !(timestamp >= startMs * 1_000 - slackUs && timestamp < endMs * 1_000 + slackUs);
  if (chunks.length > DISPLAY_LIMITS.chunksInSlot || chunks.some(isElsewhere)) {
    throw new FareboxError('frame/undecodable', { label });
  }
}

/** `avc1` and `avc3` name one codec, as `hvc1` and `hev1` do: they say only where its parameters are. */
function familyOf(codec: string): string {
  const name = codec.toLowerCase().split('.', 1)[0] ?? '';
  return { avc3: 'avc1', hev1: 'hvc1' }[name] ?? name;
}

/** Coded pictures may be a block wider and higher than what is shown of them. */
function isLarger({ codedWidth = 0, codedHeight = 0 }: CodedClaims['config'], part: ManifestPart): boolean {
  if (part.kind !== 'video') return false;
  const block = DISPLAY_LIMITS.codedBlockPixels;
  return codedWidth >= part.width + block || codedHeight >= part.height + block;
}
