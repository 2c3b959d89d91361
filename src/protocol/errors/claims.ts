// Errors about contracts and claims: contract/*, claim/*. Why a single line of a claim was refused is no error: those
// reasons are in claim-answer.ts.

import type { ErrorEntry } from './entry.ts';

/** Rows `claim/*`, `contract/*`. */
export const CLAIM_ERRORS = {
  'claim/answer': {
    category: 'contract',
    severity: 'error',
    httpStatus: 400,
    retry: 'same-request',
    did: 'sent-later',
    message: "The provider's answer does not belong to this claim and was not kept. Your claim is safe.",
    next: 'If it happens again, tell the provider.',
  },
  'claim/answered': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
    message:
      'The provider has answered another claim for this viewing, so this one was not looked at. Nothing was changed.',
    next: 'The first answer stands.',
  },
  'claim/binding': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
    message: 'Claim, receipt and contract do not belong together. Nothing was paid back.',
    next: 'Keep them and ask the provider.',
  },
  'claim/malformed': {
    category: 'contract',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
    message: 'This claim is broken or its signature does not hold. Nothing was paid back.',
    next: 'Make the claim again.',
  },
  'claim/none': {
    category: 'contract',
    severity: 'info',
    httpStatus: 409,
    retry: 'never',
    did: 'none',
    message: 'Everything was delivered as promised, or nothing was promised. There is nothing to claim.',
    next: 'Nothing needs doing.',
  },
  'claim/too-early': {
    category: 'contract',
    severity: 'info',
    httpStatus: 409,
    retry: 'after-sync',
    did: 'none',
    message: 'The provider does not have the receipt yet. Your claim is safe.',
    next: 'Send the receipt first, then claim.',
  },
  'claim/unknown': {
    category: 'contract',
    severity: 'error',
    httpStatus: 404,
    retry: 'never',
    did: 'none',
    message: 'There is no such claim here. Nothing was changed.',
    next: 'Look at the list of claims.',
  },
  'contract/acceptance': {
    category: 'contract',
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    did: 'none',
    message: "The module's word on this contract does not hold. Nothing was charged.",
    next: 'Keep the receipt and ask the provider.',
  },
  'contract/malformed': {
    category: 'contract',
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    did: 'stopped',
    message:
      'The contract for this programme is broken, or not from the provider. Nothing was opened and nothing is charged.',
    next: 'Try again, or choose another programme.',
  },
  'contract/missing': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'new-request',
    did: 'stopped',
    message:
      'The provider offers a contract for this programme and gave none. Nothing was opened and nothing is charged.',
    next: 'Try again, or choose another programme.',
  },
  'contract/other-terms': {
    category: 'contract',
    severity: 'error',
    httpStatus: 409,
    retry: 'new-request',
    did: 'stopped',
    message: 'The contract is not the one that was offered. Nothing was opened and nothing is charged.',
    next: 'Try again, or choose another programme.',
  },
} as const satisfies Record<string, ErrorEntry>;
