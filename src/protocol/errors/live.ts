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
  },
  'live/equivocation': {
    category: 'media',
    severity: 'error',
    httpStatus: 502,
    retry: 'never',
    did: 'stopped',
  },
  'live/gap': {
    category: 'media',
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    did: 'asked-again',
  },
  'live/malformed': {
    category: 'media',
    severity: 'error',
    httpStatus: 502,
    retry: 'never',
    did: 'stopped',
  },
  'live/not-live': {
    category: 'media',
    severity: 'error',
    httpStatus: 404,
    retry: 'never',
    did: 'stopped',
  },
  'live/other-source': {
    category: 'media',
    severity: 'error',
    httpStatus: 422,
    retry: 'never',
    did: 'none',
  },
  'live/outside-window': {
    category: 'media',
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    did: 'stopped',
  },
  'live/taken': {
    category: 'media',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
} as const satisfies Record<string, ErrorEntry>;
