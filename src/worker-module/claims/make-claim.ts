// Makes the claim of a session (docs/protocol.md §17): everything that its receipt gives reason for, signed once and kept before it leaves, so
// that asking again gives the same bytes. Called by commands/.

import { makeClaim } from '../../protocol/claim.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { hashObject, type SessionId } from '../../protocol/ids.ts';
import type { Core } from '../core.ts';
import { expectEnrolled, openIdentityKeys } from '../keys/identity.ts';
import { claimableLines } from '../receipts/claim-view.ts';
import { expectReceipt, expectSession } from '../receipts/receipt-drawer.ts';

/**
 * The claim's COSE bytes; durable on return.
 * @throws FareboxError `session/unknown`, `receipt/none`, `claim/too-early` until the provider has taken the receipt, `claim/none`.
 */
export async function commitClaim(core: Core, session: SessionId): Promise<Uint8Array> {
  const loaded = await expectSession(core, session);
  if (loaded.progress.claim !== null) return loaded.progress.claim;
  const row = await expectReceipt(core, session);
  const lines = claimableLines(loaded, row);
  const { contract, provider } = loaded.terms;
  if (contract === null || lines.length === 0 || loaded.state === 'refused') throw new FareboxError('claim/none');
  if (loaded.state !== 'accepted') throw new FareboxError('claim/too-early', { session });
  const { signer } = await openIdentityKeys(core, await expectEnrolled(core));
  const claim = await makeClaim({
    signer,
    claim: {
      ...{ provider, session, lines },
      receiptHash: hashObject(row.receipt),
      contractHash: contract.contractHash,
      issuedAt: core.clock.now(),
    },
  });
  return core.committer.commit({
    sessions: [session],
    apply: (draft) => {
      // Another tab may have been faster; what it kept stays.
      const kept = draft.session(session).progress.claim;
      if (kept !== null) return kept;
      const { progress } = draft.change(session);
      progress.claim = claim;
      progress.lastCounter = draft.append({ kind: 'disclosed', what: 'claim', to: provider });
      return claim;
    },
  });
}
