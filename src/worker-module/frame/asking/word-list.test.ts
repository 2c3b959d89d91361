// Recovery words as they are pasted, and the three that are asked for again.

import { describe, expect, it } from 'vitest';
import { CHECKED_WORDS, chooseChecked, splitWords, tidyWord, WORD_COUNT } from './word-list.ts';

const WORDS = ['abandon', 'ability', 'able', 'about', 'above', 'absent'];

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('recovery words', () => {
  it.each([
    'abandon ability able about above absent',
    '  Abandon\tABILITY\nable\r\nabout  above absent ',
    '1. abandon 2. ability 3. able 4. about 5. above 6. absent',
    'abandon, ability, able, about, above, absent.',
    '1 abandon\n2 ability\n3 able\n4 about\n5 above\n6 absent\n',
  ])('BT-8: are found in %j', (text) => {
    expect(splitWords(text)).toEqual(WORDS);
  });

  it('are none in a text without letters', () => {
    expect(splitWords(' 1 2, 3. ')).toEqual([]);
  });

  it('lose what a keyboard adds', () => {
    expect(tidyWord(' Zebra ')).toBe('zebra');
  });

  it('BT-8: three different ones are asked for again, each as likely as the other', () => {
    const asked = new Map<number, number>();
    const rounds = 20_000;
    const random = numbersFrom(20_261_121);
    for (let round = 0; round < rounds; round++) {
      const places = chooseChecked(random);
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      expect(places).toHaveLength(CHECKED_WORDS);
      for (const place of places) asked.set(place, (asked.get(place) ?? 0) + 1);
    }
    expect([...asked.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: WORD_COUNT }, (_, place) => place));
    const share = (rounds * CHECKED_WORDS) / WORD_COUNT;
    for (const count of asked.values()) expect(Math.abs(count - share)).toBeLessThan(share * 0.1);
  });
});
