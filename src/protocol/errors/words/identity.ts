// What a person reads of the errors in ../identity.ts.

import type { WordsOf } from '../entry.ts';
import type { IDENTITY_ERRORS } from '../identity.ts';

/** Words of `IDENTITY_ERRORS`, a row for each of its rows. */
export const IDENTITY_WORDS: WordsOf<typeof IDENTITY_ERRORS> = {
  'certificate/expired': {
    message: 'This certificate has run out. What you watched and your receipts are kept.',
    next: 'If it happens again, check the date of this device.',
  },
  'certificate/foreign': {
    message:
      'This certificate does not come from the agency that this terminal trusts. Nothing was paid and nothing was opened.',
    next: 'If it happens again, use a provider of this agency.',
  },
  'certificate/malformed': {
    message: 'This certificate is broken and could not be read. Nothing was changed.',
    next: 'Fetch it again from where it came from.',
  },
  'certificate/not-yet-valid': {
    message: 'This certificate begins in the future. Nothing was changed.',
    next: 'Check the date and time of this device, then try again.',
  },
  'certificate/untrusted': {
    message: 'The agency no longer trusts the holder of this certificate. Receipts made before are still valid.',
    next: 'Ask the agency what to do.',
  },
  'certificate/wrong-role': {
    message: 'This certificate was given for another purpose than the one it is used for. Nothing was changed.',
    next: 'Check which one was given.',
  },
  'challenge/expired': {
    message: 'The proof of identity took too long and has run out. Nothing was paid.',
    next: 'Start again; it takes a moment.',
  },
  'challenge/malformed': {
    message: 'The proof of identity is broken or was made for someone else. Nothing was paid.',
    next: 'Start again with this provider.',
  },
  'challenge/replayed': {
    message: 'This proof of identity was used before. Nothing was paid for it twice.',
    next: 'Start again; a new one is made.',
  },
  'challenge/unknown': {
    message: 'The provider does not know this proof of identity. Nothing was paid.',
    next: 'Start again; a new one is made.',
  },
  'enrolment/epoch-leap': {
    message:
      'This terminal asked for a life of its module that is too far ahead, so it was not given. Receipts are safe.',
    next: 'Report it: somebody may have your keys.',
  },
  'enrolment/malformed': {
    message: 'The request for a certificate is broken, so no certificate was given. Nothing was changed.',
    next: 'Reload the page to make it again.',
  },
  'enrolment/needed': {
    message: 'This terminal has no certificate yet. Nothing is lost.',
    next: 'Connect to the network once, so that it can get one.',
  },
  'enrolment/other-key': {
    message: 'This certificate belongs to another terminal and was not kept. Your own is unchanged.',
    next: 'Reload the page to get the right one.',
  },
};
