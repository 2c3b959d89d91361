// Whether a contract is the one that was offered and granted (docs/protocol.md §17): asked by the module before it takes it,
// and by everyone who checks a receipt. Pure.

import type { VerifiedContract } from './contract.ts';
import { type ContractTerms, equalContractTerms } from './contract-terms.ts';
import type { FareboxErrorCode } from './errors.ts';
import type { VerifiedGrant } from './grant.ts';

/**
 * Null where grant, offer and contract agree, where there is none of all three, or neither contract nor hash in an offline grant; else `contract/missing` where the provider offers one, or its
 * grant names one, and there is none, and `contract/other-terms`.
 */
export function misfitOfContract(
  contract: VerifiedContract | null,
  grant: VerifiedGrant,
  offered: ContractTerms | null,
): FareboxErrorCode | null {
  if (contract === null) {
    // What is watched with no line is delivered by nobody.
    const none = grant.contractHash === null && (offered === null || grant.offline);
    return none ? null : 'contract/missing';
  }
  const { module, session, programme, programmeHash, currency, priceMinor, provider } = contract;
  const holds =
    offered !== null &&
    equalContractTerms(contract.terms, offered) &&
    contract.contractHash === grant.contractHash &&
    [module, session, programme, programmeHash, currency, priceMinor, provider].every(
      (member, at) =>
        member ===
        [
          ...[grant.module, grant.session, grant.programme, grant.programmeHash],
          ...[grant.currency, grant.priceMinor, grant.provider],
        ][at],
    );
  return holds ? null : 'contract/other-terms';
}
