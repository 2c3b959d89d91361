// Takes the offer out of a signed programme. In a chunk of its own, with the decoder that the first screen does without.

import { CLAIMS } from '../../protocol/claims.ts';
import { decodeContractTerms } from '../../protocol/contract-terms.ts';
import { peekCose } from '../../protocol/cose.ts';
import { describeClaims } from '../../protocol/receipt-description.ts';
import type { ContractOffer } from './contract-offer.ts';

/** The offer, or null. Errors: `programme/malformed`, `cbor/*`, `cose/malformed`. */
export function readOffer(programme: Uint8Array): ContractOffer | null {
  const offered = peekCose(programme).claims.get(CLAIMS.contract);
  if (offered === undefined) return null;
  const terms = decodeContractTerms(offered, 'programme/malformed');
  return { terms, raw: JSON.stringify(describeClaims(programme), null, 2) };
}
