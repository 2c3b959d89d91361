// What a person reads of the errors in ../machine.ts.

import type { WordsOf } from '../entry.ts';
import type { MACHINE_ERRORS } from '../machine.ts';

/** Words of `MACHINE_ERRORS`, a row for each of its rows. */
export const MACHINE_WORDS: WordsOf<typeof MACHINE_ERRORS> = {
  'browser/unsupported': {
    message: 'This browser lacks something that Farebox needs. Nothing was paid.',
    next: 'Open this page in a current Chrome, Edge or Firefox.',
  },
  'media/codec': {
    message:
      'This device cannot play the form in which this programme was recorded. You do not pay for what was not shown.',
    next: 'If it lasts, use another browser or device.',
  },
  'media/no-decoder': {
    message: 'This browser cannot decode this form of pictures or sound. You do not pay for what was not shown.',
    next: 'If it lasts, open this page in a current Chrome, Edge or Firefox.',
  },
  'media/no-sound': {
    message: 'The sound could not be started. The count is in order.',
    next: 'Click into the picture, or check the sound of this device.',
  },
  'module/dead': { message: 'The secure module stopped. Record and receipts are safe.', next: 'Wait a moment.' },
  'module/deadline': {
    message: 'The secure module took too long to answer. Record and receipts are safe.',
    next: 'Try again in a moment.',
  },
  'module/internal': {
    message: 'Something went wrong inside Farebox, and it stopped rather than guess. What was written down is safe.',
    next: 'Reload the page.',
  },
  'module/not-connected': {
    message: 'The secure module is not connected yet. Record and receipts are safe.',
    next: 'Wait a moment, or reload the page.',
  },
  'module/refused': {
    message: 'The secure module refused a request that it does not know. Nothing was changed.',
    next: 'Reload the page.',
  },
  'store/altered': {
    message:
      'The record kept by this browser was altered from outside, so it is no longer used. What still opens is safe, and so are receipts at the provider.',
    next: 'Choose “Bring it back” on the Module page.',
  },
  'store/conflict': {
    message: 'Two tabs wrote at the same moment, and one has to wait. Nothing was counted twice.',
    next: 'Nothing needs doing.',
  },
  'store/full': {
    message: 'There is no room left to write down what you watch. The record so far is safe.',
    next: 'Free some space, then go on.',
  },
  'store/newer-version': {
    message: 'The record was written by a newer version of Farebox. It is untouched.',
    next: 'Reload the page to get that version.',
  },
  'store/refused': {
    message: 'This browser does not let Farebox keep its record. What was written before is safe.',
    next: 'Allow storage for this site, close its other tabs, then reload the page.',
  },
  'store/wiped': {
    message:
      'The record that this browser kept is gone, though it was written before. What its checkpoint holds and what the provider accepted is safe.',
    next: 'Choose “Bring it back” on the Module page.',
  },
};
