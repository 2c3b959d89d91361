// Errors of programmes that are kept: grant/offline, offline/*.

import type { ErrorEntry } from './entry.ts';

/** Rows `grant/offline`, `offline/*`. */
export const OFFLINE_ERRORS = {
  'grant/offline': {
    category: 'licence',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'stopped',
    message:
      'This programme is not offered for watching offline, or not in this way. Nothing was opened and nothing was paid.',
    next: 'Watch it with a connection.',
  },
  'offline/full': {
    category: 'storage',
    severity: 'warning',
    httpStatus: 507,
    retry: 'same-request',
    did: 'stopped',
    message: 'There is no room left on this device for the download. What is here already stays.',
    next: 'Remove a download or free some space, then press Resume.',
  },
  'offline/over': {
    category: 'licence',
    severity: 'warning',
    httpStatus: 403,
    retry: 'new-request',
    did: 'none',
    message:
      'The time for which this programme was kept is over, and the provider cannot be reached to ask for more. What you watched is receipted.',
    next: 'Connect, then watch it or keep it again.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
