// What a provider promises of a programme, before anything is opened: read from its signed programme, shown in words and as an object. The
// module checks it when the session is opened; a page that lies here shows something else than what is signed. Loaded when it is looked at.

import type { ContractTerms } from '../../protocol/contract-terms.ts';
import type { TerminalPorts } from './ports.ts';

/** A promise, and the claims of the signed programme as text. */
export type ContractOffer = { readonly terms: ContractTerms; readonly raw: string };

/** The offer, or null where there is none. Rejects with the provider's codes and `programme/malformed`. */
export async function openOffer(
  ports: TerminalPorts,
  programmeId: string,
  signal: AbortSignal,
): Promise<ContractOffer | null> {
  const [{ programme }, { readOffer }] = await Promise.all([
    ports.provider.programme(programmeId, signal),
    import('./read-offer.ts'),
  ]);
  return readOffer(programme);
}
