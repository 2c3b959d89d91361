// Claims, docs/protocol.md §17: has the module sign the claim of a session, brings it with a contact, takes the answer home. The claim is the
// same bytes for good and the provider answers it with the same, so each step may be cut anywhere and done again. Loaded when it is needed.

import { FareboxError } from '../../protocol/errors.ts';
import { claimsByItself } from './claim-setting.ts';
import { type InContact, isRefusedCopy, type RelayParts } from './parts.ts';

/** Claims for one session whose receipt the provider has. */
export async function claim(
  { module, provider }: Pick<RelayParts, 'module' | 'provider'>,
  inContact: InContact,
  session: string,
  signal: AbortSignal,
): Promise<void> {
  const made = await module.call('makeClaim', { session });
  const sent = { claim: Uint8Array.from(made.claim), receiptFile: Uint8Array.from(made.receiptFile) };
  try {
    const { verdict } = await inContact(signal, (contact) => provider.sendClaim({ ...contact, ...sent }));
    await module.call('acceptClaimAnswer', { session, answer: verdict });
  } catch (thrown) {
    if (!(thrown instanceof FareboxError) || thrown.code !== 'claim/answered') throw thrown;
    // Another copy of this module has claimed, or this one has forgotten it: the first claim and its answer are with the papers.
    const { receiptFiles } = await inContact(signal, (contact) => provider.papers({ ...contact, sessions: [session] }));
    const { kept } = await module.call('acceptPapers', { receiptFiles });
    if (kept === 0) throw thrown;
  }
}

/** Brings on every claim that was made and not answered; where the person has set it, makes those that are possible as well. */
export async function claimAll(
  parts: Pick<RelayParts, 'module' | 'provider' | 'notes'>,
  inContact: InContact,
  signal: AbortSignal,
): Promise<void> {
  const byItself = claimsByItself(parts.notes);
  const receipts = await parts.module.call('receipts', {});
  for (const receipt of receipts) {
    const isDue = receipt.claim?.state === 'made' || (byItself && receipt.claim?.state === 'possible');
    if (!isDue || receipt.state !== 'accepted') continue;
    try {
      await claim(parts, inContact, receipt.session, signal);
    } catch (thrown) {
      // What refuses this copy refuses it for every claim; anything else is this claim's own, and the next one may do.
      if (!(thrown instanceof FareboxError) || isRefusedCopy(thrown)) throw thrown;
    }
  }
}
