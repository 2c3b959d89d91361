// How a test's provider answers claims: one for a session, the same answer for good, everything paid. Signs in earnest; what it would find in
// a record of delivery it makes up. Used by provider-ledger.ts; the judging is the real provider's business.

import type { VerifiedCertificate } from '../../protocol/certificate.ts';
import { verifyClaim } from '../../protocol/claim.ts';
import { type AnsweredLine, type ClaimAnswer, makeClaimAnswer } from '../../protocol/claim-answer.ts';
import { verifyContract } from '../../protocol/contract.ts';
import { refundFor } from '../../protocol/contract-terms.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { rangesFromFrames } from '../../protocol/ranges.ts';
import { decodeReceiptFile, encodeReceiptFile } from '../../protocol/receipt-file.ts';
import type { Signer } from '../../protocol/suite/signer.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';

/** A claim with the receipt file that it refers to. */
export type BroughtClaim = { readonly claim: Uint8Array; readonly receiptFile: Uint8Array };

/** What it answers, and the file with both in it. */
export type DeskAnswer = { readonly session: SessionId; readonly answer: Uint8Array; readonly receiptFile: Uint8Array };

/** Signs an answer that pays all; `altered` replaces members before it is signed. */
export async function answerClaim(
  by: { readonly signer: Signer; readonly provider: VerifiedCertificate; readonly module: VerifiedCertificate },
  { claim: bytes, receiptFile }: BroughtClaim,
  altered: Partial<ClaimAnswer> = {},
): Promise<DeskAnswer> {
  const file = decodeReceiptFile(receiptFile);
  if (file.contracted === null) throw new FareboxError('claim/binding');
  const claim = await verifyClaim({ bytes, module: by.module, suite });
  const contract = await verifyContract({ bytes: file.contracted.contract, provider: by.provider, suite });
  const { terms, currency, priceMinor } = contract;
  const lines = claim.lines.map(
    (line): AnsweredLine => ({
      ...line,
      reason: 'not-delivered',
      amountMinor: refundFor(terms, line.kind, line.to - line.from, priceMinor),
    }),
  );
  const frames = claim.lines.flatMap(({ from, to }) => Array.from({ length: to - from }, (_none, at) => from + at));
  const { module, session, claimHash, receiptHash, contractHash } = claim;
  const answer = await makeClaimAnswer({
    signer: by.signer,
    answer: {
      ...{ module, session, claimHash, receiptHash, contractHash, lines, currency },
      verdict: 'paid',
      delivery: rangesFromFrames(frames).flatMap(([from, to]) =>
        Array.from({ length: to - from }, (_none, at) => ({ frame: from + at, asked: 1, failed: 1, servedMs: 0 })),
      ),
      amountMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
      creditMinor: 1_000n,
      issuedAt: claim.issuedAt,
      ...altered,
    },
  });
  const contracted = { ...file.contracted, claim: bytes, claimAnswer: answer };
  return { session, answer, receiptFile: encodeReceiptFile({ ...file, contracted }) };
}
