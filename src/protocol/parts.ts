// Sealed parts (docs/protocol.md §4): one label of one frame, under a key of its own, derived from the frame key. Sealed
// by the publisher, opened by the module. A part key meets one plaintext, so the counter is always 0.

import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, u64be, utf8 } from './bytes.ts';
import { encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { idBytes, type ProgrammeId } from './ids.ts';
import { deriveSframeKey, openSframe, type SframeSuite, sealSframe, splitSframe } from './sframe.ts';
import type { CryptoSuite } from './suite/suite.ts';

const PART_LABEL = 'farebox/1 part ';
const COMMITMENT_LABEL = utf8('farebox/1 key commitment');
const FRAME_TYPE = 'farebox/frame';
const SFRAME_SUITE: SframeSuite = 5;
const PART_KEY_LENGTH_BYTES = 32;

/** Which part of which frame of which programme; `frameKey` is K(frame), 32 bytes. */
export type PartPlace = Readonly<{ frameKey: Uint8Array; programme: ProgrammeId; label: string; frame: number }>;

/** Base key of one part, 32 bytes: HKDF-SHA256(salt = programme id, ikm = frame key, info = `farebox/1 part ` ‖ label). */
export function derivePartKey(
  frameKey: Uint8Array,
  programme: ProgrammeId,
  label: string,
  suite: CryptoSuite,
): Promise<Bytes> {
  return suite.hkdfSha256(frameKey, idBytes(programme), utf8(PART_LABEL + label), PART_KEY_LENGTH_BYTES);
}

/** What is authenticated beside the header: programme, part and position. */
function metadataOf({ programme, label, frame }: Omit<PartPlace, 'frameKey'>): Bytes {
  return encodeCbor([FRAME_TYPE, 1, idBytes(programme), label, frame]);
}

function sframeKeyUnder(baseKey: Uint8Array, frame: number, suite: CryptoSuite) {
  return deriveSframeKey({ baseKey, kid: frame, sframeSuite: SFRAME_SUITE, suite });
}

/** The sealed part as it is published. Same in, same out: seal one plaintext only at each place. */
export async function sealPart(part: PartPlace & { clear: Uint8Array; suite: CryptoSuite }): Promise<Bytes> {
  const { clear, suite } = part;
  const baseKey = await derivePartKey(part.frameKey, part.programme, part.label, suite);
  const sframeKey = await sframeKeyUnder(baseKey, part.frame, suite);
  baseKey.fill(0);
  return sealSframe({ sframeKey, counter: 0, metadata: metadataOf(part), clear, suite });
}

/** Sealed bytes of a part. `sizeBytes`: what the manifest says, to tell a cut part from an altered one. */
type SealedBytes = Readonly<{ sealed: Uint8Array; sizeBytes?: number; suite: CryptoSuite }>;

/**
 * The clear part. Errors: `frame/cut`, `frame/tampered` for altered bytes, another place, a wrong frame key, or a counter
 * that is not 0.
 */
export async function openPart(part: PartPlace & SealedBytes): Promise<Bytes> {
  const baseKey = await derivePartKey(part.frameKey, part.programme, part.label, part.suite);
  try {
    return await openPartUnder({ ...part, baseKey });
  } finally {
    baseKey.fill(0);
  }
}

/** The clear part, for whoever was given its base key (32 bytes, as `derivePartKey` makes it) and not K(n). Errors as openPart's. */
export async function openPartUnder(
  part: Omit<PartPlace, 'frameKey'> & SealedBytes & Readonly<{ baseKey: Uint8Array }>,
): Promise<Bytes> {
  const { sealed, sizeBytes, frame, suite } = part;
  if (sizeBytes !== undefined && sealed.length < sizeBytes)
    throw new FareboxError('frame/cut', { sizeBytes: sealed.length });
  const { kid, counter } = splitSframe(sealed, SFRAME_SUITE);
  if (kid !== BigInt(frame) || counter !== 0n) throw new FareboxError('frame/tampered', { frame });
  const sframeKey = await sframeKeyUnder(part.baseKey, frame, suite);
  return openSframe({ sframeKey, metadata: metadataOf(part), message: sealed, suite });
}

/** Commitment to K(frame), 32 bytes: SHA-256(`farebox/1 key commitment` ‖ programme id ‖ frame as 8 bytes ‖ frame key). */
export function commitFrameKey(programme: ProgrammeId, frame: number, frameKey: Uint8Array): Bytes {
  return sha256(concatBytes(COMMITMENT_LABEL, idBytes(programme), u64be(frame), frameKey));
}
