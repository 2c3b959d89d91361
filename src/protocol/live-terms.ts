// What makes a programme live (docs/protocol.md §20): when its first frame began, and how far back one may go. In a signed
// programme as the claim `live`. Pure.

import type { CborValue } from './cbor.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';

/** Terms of a live programme: frame n covers the time from `startTime` + n · frameDurationMs on. */
export type LiveTerms = Readonly<{
  /** Milliseconds since 1970. */
  startTime: number;
  /** Frames before the edge that are on sale, 1 to the programme's `frameCount`. */
  windowFrames: number;
}>;

/** The claim `live` of terms. */
export function encodeLiveTerms({ startTime, windowFrames }: LiveTerms): CborValue {
  return [startTime, windowFrames];
}

/** Reads the claim. Throws `code`. */
export function decodeLiveTerms(value: CborValue, frameCount: number, code: FareboxErrorCode): LiveTerms {
  const refuse = (): never => {
    throw new FareboxError(code, { claim: 'live' });
  };
  const [startTime, windowFrames]: readonly CborValue[] = Array.isArray(value) && value.length === 2 ? value : refuse();
  if (typeof startTime !== 'number' || startTime < 0 || startTime > LIMITS.latestTimeMs) return refuse();
  if (typeof windowFrames !== 'number' || windowFrames < 1 || windowFrames > frameCount) return refuse();
  return { startTime, windowFrames };
}

/** First frame that is on sale when `edge` frames are out. */
export function firstInWindow({ windowFrames }: LiveTerms, edge: number): number {
  return Math.max(0, edge - windowFrames);
}
