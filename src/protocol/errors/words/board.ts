// What a person reads of the errors in ../board.ts.

import type { BOARD_ERRORS } from '../board.ts';
import type { WordsOf } from '../entry.ts';

/** Words of `BOARD_ERRORS`, a row for each of its rows. */
export const BOARD_WORDS: WordsOf<typeof BOARD_ERRORS> = {
  'board/link': {
    message: 'This link does not open the board for drawing. Nothing was drawn on it.',
    next: 'Open the whole link that the provider gave you, to its last letter.',
  },
  'strokes/malformed': {
    message: 'One stroke could not be read, so it is not on the board. Nothing was paid for it.',
    next: 'Nothing needs doing; tell the provider if it lasts.',
  },
};
