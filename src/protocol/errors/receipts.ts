// Errors about receipts: receipt/*. Each of the checks of docs/protocol.md §9 that fails carries one of these or of a
// neighbouring area.

import type { ErrorEntry } from './entry.ts';

/** Rows `receipt/*`. */
export const RECEIPT_ERRORS = {
  'receipt/acknowledgement': {
    severity: 'error',
    httpStatus: 400,
    retry: 'same-request',
    message:
      "The provider's answer does not belong to this receipt and was not kept. Your receipt is safe. It is sent again later.",
  },
  'receipt/amount': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'The amount on this receipt is not the number of frames times the price. It was not charged. Keep the receipt and ask the provider.',
  },
  'receipt/binding': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'Receipt, permission and programme do not belong together. It was not charged. Keep the receipt and ask the provider.',
  },
  'receipt/contract': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'The contract beside this receipt is not the one that was agreed. It was not charged. Keep the receipt and ask the provider.',
  },
  'receipt/count': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message: 'The counts on this receipt do not add up. It was not charged. Keep the receipt and ask the provider.',
  },
  'receipt/coverage': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'This receipt names frames that were never granted. It was not charged. Keep the receipt and ask the provider.',
  },
  'receipt/delivery': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'What this receipt says of the delivery does not agree with its counts. It was not charged. Keep the receipt and ask the provider.',
  },
  'receipt/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message: 'This file is not a Farebox receipt, or it is broken. Nothing was changed. Check which file was chosen.',
  },
  'receipt/none': {
    severity: 'info',
    httpStatus: 404,
    retry: 'after-sync',
    message: 'There is no receipt for this viewing yet. The count is kept. Stop the programme to get one.',
  },
  'receipt/record': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      "This receipt claims more frames than its terminal's record can hold. It was not charged. Keep the receipt and ask the provider.",
  },
  'receipt/refused': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'The provider has another receipt for this viewing, from another copy of this Farebox. Only that one was charged. Both are kept; ask the provider if the other copy was not yours.',
  },
  'receipt/signature': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'The signature on this receipt does not hold, so it proves nothing. Nothing was charged. Use the original file.',
  },
  'receipt/times': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'The times on this receipt contradict each other. It was not charged. Keep the receipt and ask the provider.',
  },
} as const satisfies Record<string, ErrorEntry>;
