// What a person reads of the errors in ../claims.ts.

import type { CLAIM_ERRORS } from '../claims.ts';
import type { WordsOf } from '../entry.ts';

/** Words of `CLAIM_ERRORS`, a row for each of its rows. */
export const CLAIM_WORDS: WordsOf<typeof CLAIM_ERRORS> = {
  'claim/answer': {
    message: "The provider's answer does not belong to this claim and was not kept. Your claim is safe.",
    next: 'If it happens again, tell the provider.',
  },
  'claim/answered': {
    message:
      'The provider has answered another claim for this viewing, so this one was not looked at. Nothing was changed.',
    next: 'The first answer stands.',
  },
  'claim/binding': {
    message: 'Claim, receipt and contract do not belong together. Nothing was paid back.',
    next: 'Keep them and ask the provider.',
  },
  'claim/malformed': {
    message: 'This claim is broken or its signature does not hold. Nothing was paid back.',
    next: 'Make the claim again.',
  },
  'claim/none': {
    message: 'Everything was delivered as promised, or nothing was promised. There is nothing to claim.',
    next: 'Nothing needs doing.',
  },
  'claim/too-early': {
    message: 'The provider does not have the receipt yet. Your claim is safe.',
    next: 'Send the receipt first, then claim.',
  },
  'claim/unknown': {
    message: 'There is no such claim here. Nothing was changed.',
    next: 'Look at the list of claims.',
  },
  'contract/acceptance': {
    message: "The module's word on this contract does not hold. Nothing was charged.",
    next: 'Keep the receipt and ask the provider.',
  },
  'contract/malformed': {
    message:
      'The contract for this programme is broken, or not from the provider. Nothing was opened and nothing is charged.',
    next: 'Try again, or choose another programme.',
  },
  'contract/missing': {
    message:
      'The provider offers a contract for this programme and gave none. Nothing was opened and nothing is charged.',
    next: 'Try again, or choose another programme.',
  },
  'contract/other-terms': {
    message: 'The contract is not the one that was offered. Nothing was opened and nothing is charged.',
    next: 'Try again, or choose another programme.',
  },
};
