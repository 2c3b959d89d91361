// Languages and names of tracks (docs/protocol.md §19), as a manifest and a publisher's arguments have them. A language is a
// tag of RFC 5646 by its form; what it means is for `Intl` on the screen.

import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';

// No language has a tag of its own of four letters or more: who writes one means the language's name.
const LANGUAGE = /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/;
// C0, DEL, C1, and the two separators that end a line: none of them belongs into a line of text on a screen.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

// Embeddings, overrides and isolates: what stands beside a title on a screen (a price, a button) would be turned round with it.
const TURNS = /[\u202a-\u202e\u2066-\u2069]/;

/** True for a language tag's form: `de`, `pt-BR`, `zh-Hant`; at most 35 characters. */
export function isLanguage(candidate: unknown): candidate is string {
  return typeof candidate === 'string' && candidate.length <= LIMITS.languageLength && LANGUAGE.test(candidate);
}

/** True for one line of text without control characters, of `minLength` to `maxLength` UTF-16 units. */
export function isLine(candidate: unknown, minLength: number, maxLength: number): candidate is string {
  return (
    typeof candidate === 'string' &&
    candidate.length >= minLength &&
    candidate.length <= maxLength &&
    !CONTROLS.test(candidate)
  );
}

/** True for a line that keeps to its own place on a screen: without characters that change the direction of what follows. */
export function isTitle(candidate: unknown, minLength: number, maxLength: number): candidate is string {
  return isLine(candidate, minLength, maxLength) && !TURNS.test(candidate);
}

/** Reads a language, or '' for one that is not told. Throws `code`. */
export function decodeLanguage(candidate: unknown, code: FareboxErrorCode): string {
  if (candidate === '' || isLanguage(candidate)) return candidate;
  throw new FareboxError(code, { member: 'language' });
}

/** Reads the name of a track, '' where it has none. Throws `code`. */
export function decodeTrackName(candidate: unknown, code: FareboxErrorCode): string {
  if (isTitle(candidate, 0, LIMITS.trackNameLength)) return candidate;
  throw new FareboxError(code, { member: 'name' });
}
