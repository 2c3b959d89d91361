// Errors of the module, its storage and the browser around it: module/*, store/*, media/*, browser/*.

import type { ErrorEntry } from './entry.ts';

/** Rows `browser/*`, `media/*`, `module/*`, `store/*`. */
export const MACHINE_ERRORS = {
  'browser/unsupported': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This browser lacks something that Farebox needs. Nothing was paid. Open this page in a current Chrome, Edge or Firefox.',
  },
  'media/codec': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This device cannot play the form in which this programme was recorded. You do not pay for it. Choose another quality or device.',
  },
  'media/no-decoder': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This browser cannot decode pictures on its own. Nothing was paid. Open this page in a current Chrome, Edge or Firefox.',
  },
  'media/no-sound': {
    severity: 'warning',
    httpStatus: 400,
    retry: 'never',
    message:
      'The sound could not be started; the picture goes on. The count is in order. Click into the picture, or check the sound of this device.',
  },
  'module/dead': {
    severity: 'error',
    httpStatus: 500,
    retry: 'after-sync',
    message:
      'The secure module stopped and is being started again. Record and receipts are safe. Play goes on in a moment.',
  },
  'module/deadline': {
    severity: 'error',
    httpStatus: 500,
    retry: 'after-sync',
    message: 'The secure module took too long to answer. Record and receipts are safe. Try again in a moment.',
  },
  'module/internal': {
    severity: 'fatal',
    httpStatus: 500,
    retry: 'after-sync',
    message:
      'Something went wrong inside Farebox, and it stopped rather than guess. What was written down is safe. Reload the page.',
  },
  'module/not-connected': {
    severity: 'warning',
    httpStatus: 503,
    retry: 'after-sync',
    message: 'The secure module is not connected yet. Record and receipts are safe. Wait a moment, or reload the page.',
  },
  'module/refused': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message: 'The secure module refused a request that it does not know. Nothing was changed. Reload the page.',
  },
  'store/altered': {
    severity: 'fatal',
    httpStatus: 500,
    retry: 'never',
    message:
      'The record kept by this browser was altered from outside, so it is no longer used. What still opens is safe, and so are receipts at the provider. Choose “Bring it back” on the Module page.',
  },
  'store/conflict': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'same-request',
    message: 'Two tabs wrote at the same moment, and one has to wait. Nothing was counted twice. It is tried again.',
  },
  'store/full': {
    severity: 'error',
    httpStatus: 507,
    retry: 'same-request',
    message:
      'There is no room left to write down what you watch, so play has stopped. The record so far is safe. Free some space, then go on.',
  },
  'store/newer-version': {
    severity: 'fatal',
    httpStatus: 500,
    retry: 'never',
    message:
      'The record was written by a newer version of Farebox. It is untouched. Reload the page to get that version.',
  },
  'store/refused': {
    severity: 'error',
    httpStatus: 500,
    retry: 'same-request',
    message:
      'This browser does not let Farebox keep its record, so nothing can be played. What was written before is safe. Allow storage for this site, close its other tabs, then reload the page.',
  },
  'store/wiped': {
    severity: 'fatal',
    httpStatus: 500,
    retry: 'never',
    message:
      'The record that this browser kept is gone, though it was written before. What its checkpoint holds and what the provider accepted is safe. Choose “Bring it back” on the Module page.',
  },
} as const satisfies Record<string, ErrorEntry>;
