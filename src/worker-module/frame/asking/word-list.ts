// The twelve recovery words as people write and paste them. Which words exist, and whether they fit, the worker judges.

/** How many words there are. */
export const WORD_COUNT = 12;

/** How many of them are asked for again once they are written down. */
export const CHECKED_WORDS = 3;

/** The words of a text in order: numbers, commas and line breaks between them are left out. */
export function splitWords(text: string): string[] {
  return text.toLowerCase().match(/\p{L}+/gu) ?? [];
}

/** One word as it was typed, without what a keyboard adds to it. */
export function tidyWord(text: string): string {
  return text.trim().toLowerCase();
}

/** Which words to ask for again: different places, in rising order. `random` gives numbers from 0 up to, and not with, 1. */
export function chooseChecked(random: () => number): number[] {
  const places = Array.from({ length: WORD_COUNT }, (_, place) => place);
  return Array.from({ length: CHECKED_WORDS }, () => places.splice(Math.floor(random() * places.length), 1))
    .flat()
    .sort((a, b) => a - b);
}
