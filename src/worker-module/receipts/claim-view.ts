// A session's claim as the screens show it, and what its own receipt gives reason to claim. Called by receipts/ for the drawer and by the
// other files of this folder. Pure reading: the receipt is the module's own and was checked when it was kept.

import { type ClaimLine, claimLinesOf } from '../../protocol/claim-lines.ts';
import { peekDelivery } from '../../protocol/receipt.ts';
import type { ClaimView } from '../commands.ts';
import type { LoadedSession } from '../session/session-state.ts';
import type { ReceiptRow } from '../store/rows.ts';

/** Lines that the receipt gives reason to claim; none without a contract, and none where the delivery was as promised. */
export function claimableLines({ terms }: LoadedSession, row: Pick<ReceiptRow, 'receipt'>): readonly ClaimLine[] {
  const delivery = terms.contract && peekDelivery(row.receipt);
  return terms.contract === null || delivery === null ? [] : claimLinesOf(delivery, terms.contract.promised);
}

/** The view, or null where there is nothing to claim. */
export function viewClaim(loaded: LoadedSession, row: Pick<ReceiptRow, 'receipt'>): ClaimView | null {
  const { claim, claimOutcome } = loaded.progress;
  if (claimOutcome !== null) {
    const { verdict, paidMinor, contradictions } = claimOutcome;
    return { state: 'answered', verdict, paidMinor, contradictions: [...contradictions] };
  }
  if (claim === null && (loaded.state === 'refused' || claimableLines(loaded, row).length === 0)) return null;
  return { state: claim === null ? 'possible' : 'made', verdict: null, paidMinor: 0, contradictions: [] };
}
