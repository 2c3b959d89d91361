// The claim in a receipt file and the provider's answer to it (docs/protocol.md §17), as anyone finds them: believed or not,
// and whether the answer agrees with contract, receipt and its own record. The receipt is valid or not without them.

import { type VerifiedClaim, verifyClaim } from './claim.ts';
import { type ClaimAnswer, verifyClaimAnswer } from './claim-answer.ts';
import { type Contradiction, findContradictions } from './claim-judgements.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import type { ReceiptReport } from './receipt-checks.ts';
import { decodeReceiptFile } from './receipt-file.ts';
import type { CryptoSuite } from './suite/suite.ts';

/** What was found. `failure`: the code of what could not be believed. */
export type ClaimReport = Readonly<{
  claim: VerifiedClaim | null;
  answer: ClaimAnswer | null;
  contradictions: readonly Contradiction[];
  failure: FareboxErrorCode | null;
}>;

const NOTHING: ClaimReport = Object.freeze({ claim: null, answer: null, contradictions: [], failure: null });

/** Looks at the claim in a file whose receipt was checked. Null where nothing was claimed. Errors: `receipt/malformed`. */
export async function checkClaimIn(given: {
  file: Uint8Array;
  report: ReceiptReport;
  suite: CryptoSuite;
}): Promise<ClaimReport | null> {
  const { report, suite } = given;
  const papers = decodeReceiptFile(given.file).contracted;
  if (papers?.claim == null) return null;
  const { module, provider, receipt, contract } = report;
  const delivery = receipt?.delivery ?? null;
  if (module === null || provider === null || receipt === null || delivery === null || contract === null)
    return { ...NOTHING, failure: 'claim/binding' };
  try {
    const claim = await verifyClaim({ bytes: papers.claim, module, suite });
    const { session, receiptHash } = receipt;
    const isBound =
      claim.session === session &&
      claim.receiptHash === receiptHash &&
      claim.contractHash === contract.contractHash &&
      claim.provider === contract.provider;
    if (!isBound) throw new FareboxError('claim/binding');
    if (papers.claimAnswer === null) return { ...NOTHING, claim };
    const answer = await verifyClaimAnswer({ bytes: papers.claimAnswer, provider, claim, suite });
    const { terms, currency, priceMinor } = contract;
    const contradictions = findContradictions({ answer, lines: claim.lines, terms, currency, priceMinor, delivery });
    return { claim, answer, contradictions, failure: null };
  } catch (cause) {
    if (!(cause instanceof FareboxError)) throw cause;
    return { ...NOTHING, failure: cause.code };
  }
}
