// What a person reads of the errors in ../receipts.ts.

import type { WordsOf } from '../entry.ts';
import type { RECEIPT_ERRORS } from '../receipts.ts';

/** Words of `RECEIPT_ERRORS`, a row for each of its rows. */
export const RECEIPT_WORDS: WordsOf<typeof RECEIPT_ERRORS> = {
  'receipt/acknowledgement': {
    message: "The provider's answer does not belong to this receipt and was not kept. Your receipt is safe.",
    next: 'If it happens again, tell the provider.',
  },
  'receipt/amount': {
    message: 'The amount on this receipt is not the number of frames times the price. It was not charged.',
    next: 'Keep the receipt and ask the provider.',
  },
  'receipt/binding': {
    message: 'Receipt, permission and programme do not belong together. It was not charged.',
    next: 'Keep the receipt and ask the provider.',
  },
  'receipt/contract': {
    message: 'The contract beside this receipt is not the one that was agreed. It was not charged.',
    next: 'Keep the receipt and ask the provider.',
  },
  'receipt/count': {
    message: 'The counts on this receipt do not add up. It was not charged.',
    next: 'Keep the receipt and ask the provider.',
  },
  'receipt/coverage': {
    message: 'This receipt names frames that were never granted. It was not charged.',
    next: 'Keep the receipt and ask the provider.',
  },
  'receipt/delivery': {
    message: 'What this receipt says of the delivery does not agree with its counts. It was not charged.',
    next: 'Keep the receipt and ask the provider.',
  },
  'receipt/malformed': {
    message: 'This file is not a Farebox receipt, or it is broken. Nothing was changed.',
    next: 'Check which file was chosen.',
  },
  'receipt/none': {
    message: 'There is no receipt for this viewing yet. The count is kept.',
    next: 'Stop the programme to get one.',
  },
  'receipt/record': {
    message: "This receipt claims more frames than its terminal's record can hold. It was not charged.",
    next: 'Keep the receipt and ask the provider.',
  },
  'receipt/refused': {
    message:
      'The provider has another receipt for this viewing, from another copy of this Farebox. Only that one was charged.',
    next: 'Both are kept; ask the provider if the other copy was not yours.',
  },
  'receipt/signature': {
    message: 'The signature on this receipt does not hold, so it proves nothing. Nothing was charged.',
    next: 'Use the original file.',
  },
  'receipt/times': {
    message: 'The times on this receipt contradict each other. It was not charged.',
    next: 'Keep the receipt and ask the provider.',
  },
};
