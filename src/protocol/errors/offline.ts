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
  },
  'offline/full': {
    category: 'storage',
    severity: 'warning',
    httpStatus: 507,
    retry: 'same-request',
    did: 'stopped',
  },
  'offline/over': {
    category: 'licence',
    severity: 'warning',
    httpStatus: 403,
    retry: 'new-request',
    did: 'none',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
