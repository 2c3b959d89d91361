// Errors about receipts: receipt/*. Each of the checks of docs/protocol.md §9 that fails carries one of these or of a
// neighbouring area.

import type { ErrorEntry } from './entry.ts';

/** Rows `receipt/*`. */
export const RECEIPT_ERRORS = {
  'receipt/acknowledgement': {
    category: 'contract',
    severity: 'error',
    httpStatus: 400,
    retry: 'same-request',
    did: 'sent-later',
  },
  'receipt/amount': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'receipt/binding': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'receipt/contract': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'receipt/count': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'receipt/coverage': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'receipt/delivery': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'receipt/malformed': {
    category: 'contract',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'receipt/none': {
    category: 'contract',
    severity: 'info',
    httpStatus: 404,
    retry: 'after-sync',
    did: 'none',
  },
  'receipt/record': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'receipt/refused': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
  'receipt/signature': {
    category: 'contract',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'receipt/times': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
  },
} as const satisfies Record<string, ErrorEntry>;
