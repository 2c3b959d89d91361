// Errors about contracts and claims: contract/*, claim/*. Why a single line of a claim was refused is no error: those
// reasons are in claim-answer.ts.

import type { ErrorEntry } from './entry.ts';

/** Rows `claim/*`, `contract/*`. */
export const CLAIM_ERRORS = {
  'claim/answer': {
    severity: 'error',
    httpStatus: 400,
    retry: 'same-request',
    message:
      "The provider's answer does not belong to this claim and was not kept. Your claim is safe. It is sent again later.",
  },
  'claim/answered': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'The provider has answered another claim for this viewing, so this one was not looked at. Nothing was changed. The first answer stands.',
  },
  'claim/binding': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'Claim, receipt and contract do not belong together. Nothing was paid back. Keep them and ask the provider.',
  },
  'claim/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message: 'This claim is broken or its signature does not hold. Nothing was paid back. Make the claim again.',
  },
  'claim/none': {
    severity: 'info',
    httpStatus: 409,
    retry: 'never',
    message: 'Everything was delivered as promised, or nothing was promised. There is nothing to claim.',
  },
  'claim/too-early': {
    severity: 'info',
    httpStatus: 409,
    retry: 'after-sync',
    message: 'The provider does not have the receipt yet. Your claim is safe. Send the receipt first, then claim.',
  },
  'claim/unknown': {
    severity: 'error',
    httpStatus: 404,
    retry: 'never',
    message: 'There is no such claim here. Nothing was changed. Look at the list of claims.',
  },
  'contract/acceptance': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      "The module's word on this contract does not hold. Nothing was charged. Keep the receipt and ask the provider.",
  },
  'contract/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    message:
      'The contract for this programme is broken, or not from the provider. Nothing was opened and nothing is charged. Try again, or choose another programme.',
  },
  'contract/missing': {
    severity: 'error',
    httpStatus: 409,
    retry: 'new-request',
    message:
      'The provider offers a contract for this programme and gave none. Nothing was opened and nothing is charged. Try again, or choose another programme.',
  },
  'contract/other-terms': {
    severity: 'error',
    httpStatus: 409,
    retry: 'new-request',
    message:
      'The contract is not the one that was offered. Nothing was opened and nothing is charged. Try again, or choose another programme.',
  },
} as const satisfies Record<string, ErrorEntry>;
