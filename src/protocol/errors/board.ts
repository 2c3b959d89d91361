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
  },
  'strokes/malformed': {
    category: 'media',
    severity: 'warning',
    httpStatus: 400,
    retry: 'never',
    did: 'skipped',
  },
} as const satisfies Record<string, ErrorEntry>;
