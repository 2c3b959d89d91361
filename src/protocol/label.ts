// Labels name the parts of a frame (docs/protocol.md §4): `video/720p`, `audio/main`. They go into key derivation, so
// each has exactly one spelling.

import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';

const LABEL = /^[a-z0-9][a-z0-9-]*(?:\/[a-z0-9][a-z0-9-]*)*$/;

/** True for lower-case words of letters, digits and hyphens with slashes between them, at most 64 characters. */
export function isLabel(candidate: unknown): candidate is string {
  return typeof candidate === 'string' && candidate.length <= LIMITS.labelLength && LABEL.test(candidate);
}

/** Reads a label. Throws `code`. */
export function decodeLabel(candidate: unknown, code: FareboxErrorCode): string {
  if (!isLabel(candidate)) throw new FareboxError(code, { expected: 'label' });
  return candidate;
}
