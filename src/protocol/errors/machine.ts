// Errors of the module, its storage and the browser around it: module/*, store/*, media/*, browser/*.

import type { ErrorEntry } from './entry.ts';

/** Rows `browser/*`, `media/*`, `module/*`, `store/*`. */
export const MACHINE_ERRORS = {
  'browser/unsupported': {
    category: 'module',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'media/codec': {
    category: 'media',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'lowered',
  },
  'media/no-decoder': {
    category: 'media',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'lowered',
  },
  'media/no-sound': {
    category: 'media',
    severity: 'warning',
    httpStatus: 400,
    retry: 'never',
    did: 'left-out',
  },
  'module/dead': {
    category: 'module',
    severity: 'error',
    httpStatus: 500,
    retry: 'after-sync',
    did: 'restarted',
  },
  'module/deadline': {
    category: 'module',
    severity: 'error',
    httpStatus: 500,
    retry: 'after-sync',
    did: 'asked-again',
  },
  'module/internal': {
    category: 'module',
    severity: 'fatal',
    httpStatus: 500,
    retry: 'after-sync',
    did: 'stopped',
  },
  'module/not-connected': {
    category: 'module',
    severity: 'warning',
    httpStatus: 503,
    retry: 'after-sync',
    did: 'stopped',
  },
  'module/refused': {
    category: 'module',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
  },
  'store/altered': {
    category: 'storage',
    severity: 'fatal',
    httpStatus: 500,
    retry: 'never',
    did: 'stopped',
  },
  'store/conflict': {
    category: 'storage',
    severity: 'warning',
    httpStatus: 409,
    retry: 'same-request',
    did: 'asked-again',
  },
  'store/full': {
    category: 'storage',
    severity: 'error',
    httpStatus: 507,
    retry: 'same-request',
    did: 'stopped',
  },
  'store/newer-version': {
    category: 'storage',
    severity: 'fatal',
    httpStatus: 500,
    retry: 'never',
    did: 'stopped',
  },
  'store/refused': {
    category: 'storage',
    severity: 'error',
    httpStatus: 500,
    retry: 'same-request',
    did: 'stopped',
  },
  'store/wiped': {
    category: 'storage',
    severity: 'fatal',
    httpStatus: 500,
    retry: 'never',
    did: 'stopped',
  },
} as const satisfies Record<string, ErrorEntry>;
