// Errors about contracts and claims: contract/*, claim/*. Why a single line of a claim was refused is no error: those
// reasons are in claim-answer.ts.

import type { ErrorEntry } from './entry.ts';

/** Rows `claim/*`, `contract/*`. */
export const CLAIM_ERRORS = {
  'claim/answer': {
    category: 'contract',
    severity: 'error',
    httpStatus: 400,
    retry: 'same-request',
    did: 'sent-later',
  },
  'claim/answered': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'claim/binding': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'claim/malformed': {
    category: 'contract',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'claim/none': {
    category: 'contract',
    severity: 'info',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'claim/too-early': {
    category: 'contract',
    severity: 'info',
    httpStatus: 409,
    retry: 'after-sync',
    did: 'none',
  },
  'claim/unknown': {
    category: 'contract',
    severity: 'error',
    httpStatus: 404,
    retry: 'never',
    did: 'none',
  },
  'contract/acceptance': {
    category: 'contract',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'contract/malformed': {
    category: 'contract',
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    did: 'stopped',
  },
  'contract/missing': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'new-request',
    did: 'stopped',
  },
  'contract/other-terms': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'new-request',
    did: 'stopped',
  },
} as const satisfies Record<string, ErrorEntry>;
