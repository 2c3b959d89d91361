// Errors of the encodings and of the cryptographic suites: cbor/*, cose/*, suite/*.
// Rejections by a key say one thing and no more: why a signature or a seal did not hold is not told.

import type { ErrorEntry } from './entry.ts';

/** Rows `cbor/*`, `cose/*`, `suite/*`. */
export const ENCODING_ERRORS = {
  'cbor/malformed': {
    category: 'network',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'cbor/not-deterministic': {
    category: 'network',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'cbor/too-deep': {
    category: 'network',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'cbor/too-large': {
    category: 'network',
    severity: 'error',
    httpStatus: 413,
    retry: 'never',
    did: 'none',
  },
  'cose/malformed': {
    category: 'network',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'cose/signature': {
    category: 'network',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'cose/wrong-type': {
    category: 'network',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'suite/not-authentic': {
    category: 'module',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'suite/weak-key': {
    category: 'module',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'suite/wrong-length': {
    category: 'module',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
} as const satisfies Record<string, ErrorEntry>;
