// Errors about who is who: certificate/*, enrolment/*, challenge/*.

import type { ErrorEntry } from './entry.ts';

/** Rows `certificate/*`, `challenge/*`, `enrolment/*`. */
export const IDENTITY_ERRORS = {
  'certificate/expired': {
    severity: 'error',
    httpStatus: 403,
    retry: 'after-sync',
    message:
      'This certificate has run out. What you watched and your receipts are kept. Check the date of this device; then ask for a new certificate.',
  },
  'certificate/foreign': {
    severity: 'error',
    httpStatus: 403,
    retry: 'never',
    message:
      'This certificate does not come from the agency that this terminal trusts. Nothing was paid and nothing was opened. Use a provider of this agency.',
  },
  'certificate/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This certificate is broken and could not be read. Nothing was changed. Fetch it again from where it came from.',
  },
  'certificate/not-yet-valid': {
    severity: 'error',
    httpStatus: 403,
    retry: 'after-sync',
    message:
      'This certificate begins in the future. Nothing was changed. Check the date and time of this device, then try again.',
  },
  'certificate/untrusted': {
    severity: 'error',
    httpStatus: 403,
    retry: 'never',
    message:
      'The agency no longer trusts the holder of this certificate. Receipts made before are still valid. Ask the agency what to do.',
  },
  'certificate/wrong-role': {
    severity: 'error',
    httpStatus: 403,
    retry: 'never',
    message:
      'This certificate was given for another purpose than the one it is used for. Nothing was changed. Check which one was given.',
  },
  'challenge/expired': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    message: 'The proof of identity took too long and has run out. Nothing was paid. Start again; it takes a moment.',
  },
  'challenge/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'The proof of identity is broken or was made for someone else. Nothing was paid. Start again with this provider.',
  },
  'challenge/replayed': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    message: 'This proof of identity was used before. Nothing was paid for it twice. Start again; a new one is made.',
  },
  'challenge/unknown': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    message: 'The provider does not know this proof of identity. Nothing was paid. Start again; a new one is made.',
  },
  'enrolment/epoch-leap': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'This terminal asked for a life of its module that is too far ahead, so it was not given. Receipts are safe. Report it: somebody may have your keys.',
  },
  'enrolment/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'The request for a certificate is broken, so no certificate was given. Nothing was changed. Reload the page to make it again.',
  },
  'enrolment/needed': {
    severity: 'info',
    httpStatus: 403,
    retry: 'after-sync',
    message:
      'This terminal has no certificate yet. Nothing is lost. Connect to the network once, so that it can get one.',
  },
  'enrolment/other-key': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'This certificate belongs to another terminal and was not kept. Your own is unchanged. Reload the page to get the right one.',
  },
} as const satisfies Record<string, ErrorEntry>;
