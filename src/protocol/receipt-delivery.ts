// What a module saw of the delivery of a session with a contract (docs/protocol.md §17), as it stands in a receipt of
// version 3: which frames were late, lost, shown too low, and where play stood still. Read strictly, believed as far as the
// receipt's signature goes; whether the provider is to blame, its own record of delivery says.

import type { CborValue } from './cbor.ts';
import type { ClaimName, ClaimsReader } from './claims.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { type ContentHash, decodeContentHash, idBytes } from './ids.ts';
import { LIMITS } from './limits.ts';
import type { FrameRange } from './ranges.ts';

/** Play stood still for this frame, that many ms in all. */
export type Stall = readonly [frame: number, ms: number];

/** What the module saw. */
export type ReceiptDelivery = Readonly<{
  contractHash: ContentHash;
  /** Frames shown later than their picture was due. */
  lateFrames: readonly FrameRange[];
  /** Frames whose last outcome was a failure of content or key. */
  lostFrames: readonly FrameRange[];
  /** By frame, ascending, at most `LIMITS.deliveryRanges`: those longer than the contract allows. */
  stalls: readonly Stall[];
  /** Frames shown at a lower video part than the contract promises. */
  belowRung: readonly FrameRange[];
}>;

/** The claims of it. */
export function deliveryClaims(delivery: ReceiptDelivery): Readonly<Partial<Record<ClaimName, CborValue>>> {
  const { contractHash, lateFrames, lostFrames, stalls, belowRung } = delivery;
  return { contractHash: idBytes(contractHash), lateFrames, lostFrames, stalls, belowRung };
}

/** Takes it from the claims of a receipt of version 3. Throws `code`. */
export function readDelivery(claims: ClaimsReader, code: FareboxErrorCode): ReceiptDelivery {
  const bounded = (name: 'lateFrames' | 'lostFrames' | 'belowRung'): readonly FrameRange[] => {
    const ranges = claims.ranges(name);
    if (ranges.length > LIMITS.deliveryRanges) throw new FareboxError(code, { claim: name });
    return ranges;
  };
  return {
    contractHash: decodeContentHash(claims.bytes('contractHash', 32), code),
    lateFrames: bounded('lateFrames'),
    lostFrames: bounded('lostFrames'),
    stalls: decodeStalls(claims.raw('stalls'), code),
    belowRung: bounded('belowRung'),
  };
}

/** Reads a list of stalls: frames ascend, each stood still for 1 ms to `LIMITS.stalledMs`. Throws `code`. */
export function decodeStalls(value: unknown, code: FareboxErrorCode): readonly Stall[] {
  if (!Array.isArray(value) || value.length > LIMITS.deliveryRanges) throw new FareboxError(code, { claim: 'stalls' });
  let after = -1;
  return value.map((entry: unknown): Stall => {
    const pair: readonly unknown[] = Array.isArray(entry) && entry.length === 2 ? entry : [];
    const [frame, ms] = pair;
    const isFrame = typeof frame === 'number' && frame > after && frame < LIMITS.frameNumbers;
    if (!isFrame || typeof ms !== 'number' || ms < 1 || ms > LIMITS.stalledMs)
      throw new FareboxError(code, { claim: 'stalls' });
    after = frame;
    return [frame, ms];
  });
}
