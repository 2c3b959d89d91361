// Errors about who is who: certificate/*, enrolment/*, challenge/*.

import type { ErrorEntry } from './entry.ts';

/** Rows `certificate/*`, `challenge/*`, `enrolment/*`. */
export const IDENTITY_ERRORS = {
  'certificate/expired': {
    category: 'licence',
    severity: 'error',
    httpStatus: 403,
    retry: 'after-sync',
    did: 'certified',
  },
  'certificate/foreign': {
    category: 'licence',
    severity: 'error',
    httpStatus: 403,
    retry: 'never',
    did: 'certified',
  },
  'certificate/malformed': {
    category: 'licence',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'certificate/not-yet-valid': {
    category: 'licence',
    severity: 'error',
    httpStatus: 403,
    retry: 'after-sync',
    did: 'none',
  },
  'certificate/untrusted': {
    category: 'licence',
    severity: 'error',
    httpStatus: 403,
    retry: 'never',
    did: 'stopped',
  },
  'certificate/wrong-role': {
    category: 'licence',
    severity: 'error',
    httpStatus: 403,
    retry: 'never',
    did: 'none',
  },
  'challenge/expired': {
    category: 'licence',
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    did: 'none',
  },
  'challenge/malformed': {
    category: 'licence',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'challenge/replayed': {
    category: 'licence',
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    did: 'none',
  },
  'challenge/unknown': {
    category: 'licence',
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    did: 'none',
  },
  'enrolment/epoch-leap': {
    category: 'licence',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'enrolment/malformed': {
    category: 'licence',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'enrolment/needed': {
    category: 'licence',
    severity: 'info',
    httpStatus: 403,
    retry: 'after-sync',
    did: 'certified',
  },
  'enrolment/other-key': {
    category: 'licence',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
} as const satisfies Record<string, ErrorEntry>;
