// Errors of live programmes (docs/protocol.md §20): live/*.

import type { ErrorEntry } from './entry.ts';

/** Rows `live/*`. */
export const LIVE_ERRORS = {
  'live/ended': {
    category: 'media',
    severity: 'info',
    httpStatus: 409,
    retry: 'never',
    did: 'stopped',
    message: 'This live programme has ended. What you watched is safe.',
    next: 'Read on its receipt what you owe.',
  },
  'live/equivocation': {
    category: 'media',
    severity: 'error',
    httpStatus: 502,
    retry: 'never',
    did: 'stopped',
    message:
      'The provider has signed two different accounts of this live programme. Nothing more of it is opened, and both are kept as the proof.',
    next: 'What you watched is safe; show this to the provider.',
  },
  'live/gap': {
    category: 'media',
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    did: 'asked-again',
    message: 'A piece of news about this live programme is missing. Nothing is lost.',
    next: 'Nothing needs doing.',
  },
  'live/malformed': {
    category: 'media',
    severity: 'error',
    httpStatus: 502,
    retry: 'never',
    did: 'stopped',
    message:
      'What the provider says of this live programme does not hold, so it was not used. What you watched is safe.',
    next: 'Stop for your receipt, and tell the provider.',
  },
  'live/not-live': {
    category: 'media',
    severity: 'error',
    httpStatus: 404,
    retry: 'never',
    did: 'stopped',
    message: 'This programme is not a live one, or has not begun. Nothing was changed.',
    next: 'Look again in a moment.',
  },
  'live/other-source': {
    category: 'media',
    severity: 'error',
    httpStatus: 422,
    retry: 'never',
    did: 'none',
    message:
      'This video has another form than the one with which the live programme began: other sizes, or with or without sound. What was sent is safe.',
    next: 'Go on with a video of the same form.',
  },
  'live/outside-window': {
    category: 'media',
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    did: 'stopped',
    message:
      'That place of the live programme is not on sale: it is too long ago, or has not happened yet. Nothing was paid for it.',
    next: 'Go to live.',
  },
  'live/taken': {
    category: 'media',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
    message:
      'Somebody else goes on with this live programme, or it goes on elsewhere than said. What was sent is safe.',
    next: 'Let only one go on.',
  },
} as const satisfies Record<string, ErrorEntry>;
