// Errors of whiteboards (docs/protocol.md §22): board/*, strokes/*.

import type { ErrorEntry } from './entry.ts';

/** Rows `board/*` and `strokes/*`. */
export const BOARD_ERRORS = {
  'board/link': {
    category: 'licence',
    severity: 'error',
    httpStatus: 403,
    retry: 'never',
    did: 'none',
    message: 'This link does not open the board for drawing. Nothing was drawn on it.',
    next: 'Open the whole link that the provider gave you, to its last letter.',
  },
  'strokes/malformed': {
    category: 'media',
    severity: 'warning',
    httpStatus: 400,
    retry: 'never',
    did: 'skipped',
    message: 'One stroke could not be read, so it is not on the board. Nothing was paid for it.',
    next: 'Nothing needs doing; tell the provider if it lasts.',
  },
} as const satisfies Record<string, ErrorEntry>;
