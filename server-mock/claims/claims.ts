// Claims on the provider's side (docs/protocol.md §17): meets the module, puts together what is to be judged, judges it, pays
// as credit, and signs the answer, once for a session, all in the caller's transaction. The claim route calls it.

import { eq } from 'drizzle-orm';
import type { VerifiedClaim } from '../../src/protocol/claim.ts';
import { verifyClaim } from '../../src/protocol/claim.ts';
import { makeClaimAnswer } from '../../src/protocol/claim-answer.ts';
import { verdictOf } from '../../src/protocol/claim-judgements.ts';
import { type VerifiedContract, verifyContract } from '../../src/protocol/contract.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import type { VerifiedReceipt } from '../../src/protocol/receipt.ts';
import { contact } from '../contacts/contact.ts';
import type { ProvenModule } from '../contacts/prove.ts';
import type { Queries } from '../db/open.ts';
import { claims, receipts, sessions } from '../db/schema.ts';
import { lockCredit, refundClaim } from '../ledger/ledger.ts';
import type { Provider } from '../provider.ts';
import type { CheckedReceipt } from '../receipts/receipts.ts';
import { type ClaimedSession, readClaimedFrames } from './claimed-frames.ts';
import { judgeClaim } from './judge.ts';

/** A claim whose signature holds, with its bytes and the checked receipt that came with it. */
export type CheckedClaim = {
  readonly claim: VerifiedClaim;
  readonly claimBytes: Uint8Array;
  readonly checked: CheckedReceipt;
};

/** Believes the claim of a proven module, without the database. @throws FareboxError `claim/malformed`, `claim/binding`. */
export async function checkClaim(
  provider: Provider,
  proven: ProvenModule,
  claimBytes: Uint8Array,
  checked: CheckedReceipt,
): Promise<CheckedClaim> {
  const claim = await verifyClaim({ bytes: claimBytes, module: proven.certificate, suite: provider.suite });
  const { receipt } = checked;
  const isBound =
    claim.provider === provider.id &&
    claim.module === receipt.module &&
    claim.session === receipt.session &&
    claim.receiptHash === receipt.receiptHash &&
    claim.contractHash === receipt.delivery?.contractHash;
  if (!isBound) throw new FareboxError('claim/binding', { session: claim.session });
  return { claim, claimBytes, checked };
}

/**
 * Answers a claim, or finds that it was answered.
 * @returns the answer's COSE bytes; the same bytes for the same claim, for good.
 * @throws FareboxError what `contact` throws; `session/unknown`, `claim/binding`, `claim/too-early` before its receipt was taken,
 * `claim/none` for a session without a contract, `claim/answered` for another claim, `programme/unknown` where it is not on sale any more.
 */
export async function answerClaim(
  provider: Provider,
  tx: Queries,
  proven: ProvenModule,
  { claim, claimBytes, checked }: CheckedClaim,
): Promise<Uint8Array> {
  await contact(provider, tx, proven);
  const [session] = await tx.select().from(sessions).where(eq(sessions.id, claim.session)).for('update');
  if (session === undefined) throw new FareboxError('session/unknown');
  if (session.moduleId !== claim.module) throw new FareboxError('claim/binding', { member: 'module' });
  const [earlier] = await tx.select().from(claims).where(eq(claims.sessionId, claim.session));
  if (earlier !== undefined && earlier.claimHash !== claim.claimHash) throw new FareboxError('claim/answered');
  if (earlier !== undefined) return earlier.answer;
  const [taken] = await tx.select().from(receipts).where(eq(receipts.sessionId, claim.session));
  if (taken === undefined) throw new FareboxError('claim/too-early');
  if (taken.receiptHash !== claim.receiptHash) throw new FareboxError('claim/binding', { member: 'receiptHash' });
  if (session.contract === null) throw new FareboxError('claim/none');
  const { certificate, suite } = provider;
  const contract = await verifyContract({ bytes: session.contract, provider: certificate, suite });
  if (contract.contractHash !== claim.contractHash) throw new FareboxError('claim/binding', { member: 'contractHash' });
  return judgeAndPay(provider, tx, { claim, claimBytes, checked }, contract, {
    ...session,
    settledTime: taken.acceptedTime,
  });
}

type JudgedSession = ClaimedSession & Pick<typeof sessions.$inferSelect, 'createdTime'>;

async function judgeAndPay(
  provider: Provider,
  tx: Queries,
  { claim, claimBytes, checked }: CheckedClaim,
  contract: VerifiedContract,
  session: JudgedSession,
): Promise<Uint8Array> {
  const { delivery } = checked.receipt;
  if (delivery === null) throw new FareboxError('claim/none');
  const { lines, delivery: record } = judgeClaim({
    ...(await readClaimedFrames(provider, tx, session, contract)),
    lines: claim.lines,
    terms: contract.terms,
    priceMinor: contract.priceMinor,
    granted: session.ranges,
    receipt: { ...timesOf(checked.receipt), delivery },
    createdTime: session.createdTime,
    settledTime: session.settledTime,
  });
  if (lines.length > LIMITS.answerLines) throw new FareboxError('claim/malformed', { lines: lines.length });
  const { module, session: id, claimHash, receiptHash, contractHash } = claim;
  const { currency } = contract;
  const amountMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0n);
  const now = provider.clock();
  await refundClaim(tx, module, id, currency, amountMinor, now);
  const answer = await makeClaimAnswer({
    signer: provider.keys.provider,
    answer: {
      ...{ module, session: id, claimHash, receiptHash, contractHash, lines, delivery: record, currency, amountMinor },
      verdict: verdictOf(lines),
      creditMinor: await lockCredit(tx, module, currency),
      issuedAt: now,
    },
  });
  await tx.insert(claims).values({
    claimHash,
    sessionId: id,
    moduleId: module,
    claim: claimBytes,
    answer,
    verdict: verdictOf(lines),
    currency,
    amountMinor,
    answeredTime: now,
  });
  return answer;
}

function timesOf({ frames, firstTime, lastTime }: VerifiedReceipt) {
  return { frames, firstTime, lastTime };
}
