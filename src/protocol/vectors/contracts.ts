// Vectors of contracts and claims (docs/protocol.md §17). build.ts puts them among the others.

import { toHex } from '../bytes.ts';
import type { VectorJson } from './build.ts';
import type { Cast } from './cast.ts';
import type { ContractStory } from './contract-story.ts';

/** What contract.json holds. */
export function contractVectors(cast: Cast, story: ContractStory): VectorJson {
  return {
    agencyKey: toHex(cast.agency.publicKey),
    programme: toHex(story.programmeBytes),
    contract: toHex(story.contractBytes),
    contractHash: story.contract.contractHash,
    deliveryId: toHex(story.contract.deliveryId),
    grant: toHex(story.grantBytes),
    acceptance: toHex(story.acceptanceBytes),
    receipt: toHex(story.receiptBytes),
    claim: toHex(story.claimBytes),
    claimHash: story.claim.claimHash,
    claimAnswer: toHex(story.answerBytes),
    paidMinor: Number(story.answerTerms.amountMinor),
    file: toHex(story.fileBytes),
  };
}
