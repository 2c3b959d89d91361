// Keeps a provider's answer to a claim (docs/protocol.md §17). It is believed as the provider's, or not kept; and one that contradicts itself,
// its contract, the receipt or its own record is kept as what it is: a signed word that shows who is wrong. Called by commands/.

import { verifyCertificate } from '../../protocol/certificate.ts';
import { verifyClaim } from '../../protocol/claim.ts';
import { verifyClaimAnswer } from '../../protocol/claim-answer.ts';
import { findContradictions } from '../../protocol/claim-judgements.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { peekDelivery } from '../../protocol/receipt.ts';
import type { ReceiptView } from '../commands.ts';
import type { Core } from '../core.ts';
import { expectReceipt, expectSession, viewReceipt } from '../receipts/receipt-drawer.ts';
import type { ClaimOutcome } from '../session/claim-outcome.ts';
import type { LoadedSession } from '../session/session-state.ts';
import type { ReceiptRow } from '../store/rows.ts';

/**
 * Keeps the answer, durable on return; the first one stays, whatever comes later.
 * @throws FareboxError `session/unknown`, `receipt/none`, `claim/none` where nothing was claimed, `claim/answer`, `certificate/*`.
 */
export async function commitClaimAnswer(core: Core, session: SessionId, answer: Uint8Array): Promise<ReceiptView> {
  const loaded = await expectSession(core, session);
  const row = await expectReceipt(core, session);
  const outcome = await judgeAnswer(core, loaded, row, answer);
  await core.committer.commit({
    sessions: [session],
    apply: (draft) => {
      if (draft.session(session).progress.claimAnswer !== null) return;
      const { progress } = draft.change(session);
      progress.claimAnswer = answer;
      progress.claimOutcome = outcome;
    },
  });
  return viewReceipt(core, await expectReceipt(core, session));
}

async function judgeAnswer(
  core: Core,
  { terms, progress, providerCertificate, openedTime }: LoadedSession,
  row: ReceiptRow,
  bytes: Uint8Array,
): Promise<ClaimOutcome> {
  const { agencyKey, suite } = core;
  const delivery = peekDelivery(row.receipt);
  const { contract, currency, priceMinor } = terms;
  if (progress.claim === null || contract === null || delivery === null) throw new FareboxError('claim/none');
  const certified = { agencyKey, suite };
  // Both certificates are judged by when they were used; answer and claim may come long after.
  const [provider, module] = await Promise.all([
    verifyCertificate({ ...certified, bytes: providerCertificate, role: 'provider', now: openedTime }),
    verifyCertificate({ ...certified, bytes: row.certificate, role: 'module', now: row.closedTime }),
  ]);
  const claim = await verifyClaim({ bytes: progress.claim, module, suite });
  const answer = await verifyClaimAnswer({ bytes, provider, claim, suite });
  const held = { lines: claim.lines, terms: contract.promised, currency, priceMinor, delivery };
  const contradictions = findContradictions({ answer, ...held });
  return { verdict: answer.verdict, paidMinor: Number(answer.amountMinor), contradictions };
}
