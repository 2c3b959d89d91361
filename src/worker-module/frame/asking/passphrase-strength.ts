// A word on how hard a passphrase is to guess, from its length and how much of it is not repetition. A hint to the person, no more:
// the worker judges nothing by it, and the slow hash does the rest.

/** From what a machine guesses in no time to what it does not guess. */
export type Strength = 'weak' | 'fair' | 'strong';

/** Guesses in bits from which on the word changes, against a memory-hard hash that costs an attacker a tenth of a second each. */
const FAIR_BITS = 45;
const STRONG_BITS = 70;

/** The word for a passphrase of any length. */
export function strengthOf(passphrase: string): Strength {
  const bits = guessBits(passphrase);
  if (bits < FAIR_BITS) return 'weak';
  return bits < STRONG_BITS ? 'fair' : 'strong';
}

/** Bits that a guesser who knows only the kinds of characters needs; what goes on from what stood before adds almost nothing. */
function guessBits(passphrase: string): number {
  const characters = [...passphrase];
  const bitsEach = Math.log2(poolSize(characters));
  let bits = 0;
  for (const [index, character] of characters.entries()) bits += goesOn(characters, index, character) ? 0.5 : bitsEach;
  return bits;
}

function poolSize(characters: readonly string[]): number {
  const has = (pattern: RegExp) => characters.some((character) => pattern.test(character));
  // A letter of a word is far easier to guess than one drawn by itself, so letters count as half of what they could be.
  return (
    (has(/\p{Ll}/u) ? 13 : 0) +
      (has(/\p{Lu}/u) ? 13 : 0) +
      (has(/\p{Nd}/u) ? 10 : 0) +
      (has(/[^\p{L}\p{Nd}]/u) ? 10 : 0) +
      (has(/[\p{Lo}\p{Lt}\p{Lm}]/u) ? 100 : 0) || 1
  );
}

/** Whether a character repeats the one before, or a run of three that stood before it, or counts on as in "abcd" and "4321". */
function goesOn(characters: readonly string[], index: number, character: string): boolean {
  const before = characters[index - 1];
  const beforeThat = characters[index - 2];
  if (before === undefined) return false;
  if (before === character) return true;
  if (beforeThat === undefined) return false;
  const step = codeOf(character) - codeOf(before);
  if (Math.abs(step) === 1 && step === codeOf(before) - codeOf(beforeThat)) return true;
  const run = characters.slice(index - 2, index + 1).join('');
  return characters.slice(0, index).join('').includes(run);
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
