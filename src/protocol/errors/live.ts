// Errors of live programmes (docs/protocol.md §20): live/*.

import type { ErrorEntry } from './entry.ts';

/** Rows `live/*`. */
export const LIVE_ERRORS = {
  'live/ended': {
    severity: 'info',
    httpStatus: 409,
    retry: 'never',
    message: 'This live programme has ended. What you watched is safe, and its receipt says what you owe.',
  },
  'live/equivocation': {
    severity: 'error',
    httpStatus: 502,
    retry: 'never',
    message:
      'The provider has signed two different accounts of this live programme. Nothing more of it is opened, and both are kept as the proof. What you watched is safe; show this to the provider.',
  },
  'live/gap': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    message: 'A piece of news about this live programme is missing. Nothing is lost; it is fetched.',
  },
  'live/malformed': {
    severity: 'error',
    httpStatus: 502,
    retry: 'never',
    message:
      'What the provider says of this live programme does not hold, so it was not used. What you watched is safe. Stop for your receipt, and tell the provider.',
  },
  'live/not-live': {
    severity: 'error',
    httpStatus: 404,
    retry: 'never',
    message: 'This programme is not a live one, or has not begun. Nothing was changed. Look again in a moment.',
  },
  'live/other-source': {
    severity: 'error',
    httpStatus: 422,
    retry: 'never',
    message:
      'This video has another form than the one with which the live programme began: other sizes, or with or without sound. What was sent is safe. Go on with a video of the same form.',
  },
  'live/outside-window': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    message:
      'That place of the live programme is not on sale: it is too long ago, or has not happened yet. Go to live.',
  },
  'live/taken': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'Somebody else goes on with this live programme, or it goes on elsewhere than said. What was sent is safe. Let only one go on.',
  },
} as const satisfies Record<string, ErrorEntry>;
