// Claims on the provider's side (docs/protocol.md §17): meets the module, puts together what is to be judged, judges it, pays
// as credit, and signs the answer, once for a session, all in the caller's transaction. The claim route calls it.

import { eq } from 'drizzle-orm';
import type { VerifiedClaim } from '../../src/protocol/claim.ts';
import { verifyClaim } from '../../src/protocol/claim.ts';
import { makeClaimAnswer } from '../../src/protocol/claim-answer.ts';
import { verdictOf } from '../../src/protocol/claim-judgements.ts';
import { type VerifiedContract, verifyContract } from '../../src/protocol/contract.ts';
import { slotTimeMs } from '../../src/protocol/contract-terms.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeProgrammeId } from '../../src/protocol/ids.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { decodeManifest, type Manifest } from '../../src/protocol/manifest.ts';
import type { VerifiedReceipt } from '../../src/protocol/receipt.ts';
import { findProgramme } from '../catalogue/programmes.ts';
import { contact } from '../contacts/contact.ts';
import type { ProvenModule } from '../contacts/prove.ts';
import type { Queries } from '../db/open.ts';
import { claims, receipts, sessions } from '../db/schema.ts';
import { lockCredit, refundClaim } from '../ledger/ledger.ts';
import type { Provider } from '../provider.ts';
import type { CheckedReceipt } from '../receipts/receipts.ts';
import { readAttempts } from './delivery-record.ts';
import { judgeClaim } from './judge.ts';
import { type Attempt, weighFrame } from './weigh.ts';

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

type JudgedSession = Pick<typeof sessions.$inferSelect, 'programmeId' | 'ranges' | 'createdTime' | 'deliveryId'> & {
  readonly settledTime: number;
};

async function judgeAndPay(
  provider: Provider,
  tx: Queries,
  { claim, claimBytes, checked }: CheckedClaim,
  contract: VerifiedContract,
  session: JudgedSession,
): Promise<Uint8Array> {
  const { delivery } = checked.receipt;
  if (delivery === null) throw new FareboxError('claim/none');
  const manifest = await manifestOf(provider, tx, session.programmeId);
  // The record of this session's delivery alone: another session's has another id.
  const attempts = session.deliveryId === null ? new Map() : await readAttempts(tx, session.deliveryId);
  const { lines, delivery: record } = judgeClaim({
    ...weighersOf(manifest, attempts, contract),
    lines: claim.lines,
    terms: contract.terms,
    priceMinor: contract.priceMinor,
    frameCount: manifest.frameCount,
    frameDurationMs: manifest.frameDurationMs,
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

async function manifestOf(provider: Provider, tx: Queries, programme: string): Promise<Manifest> {
  const { manifestHash } = await findProgramme(tx, decodeProgrammeId(programme, 'programme/unknown'));
  const sizeBytes = await provider.content.sizeOf(manifestHash);
  if (sizeBytes === null) throw new FareboxError('programme/unknown');
  const bytes = await new Response(provider.content.openRange(manifestHash, 0, sizeBytes)).arrayBuffer();
  return decodeManifest(new Uint8Array(bytes));
}

function weighersOf(
  manifest: Manifest,
  attempts: ReadonlyMap<string, readonly Attempt[]>,
  { terms }: VerifiedContract,
) {
  const inMs = slotTimeMs(terms);
  const least = manifest.parts.find(({ label }) => label === terms.leastRung)?.bitrate ?? 0;
  const isHigh = (part: Manifest['parts'][number]) => part.kind === 'video' && part.bitrate >= least;
  const weigh = (frame: number, parts: Manifest['parts']) =>
    weighFrame(
      parts.flatMap(({ kind, label, segments }) => {
        const segment = segments[frame];
        if (!segment) return [];
        // Sounds and captions stand each for itself; of the pictures one is enough.
        const sort = kind === 'video' ? kind : label;
        return [{ kind: sort, sizeBytes: segment.sizeBytes, attempts: attempts.get(segment.hash) ?? [] }];
      }),
      inMs,
    );
  return {
    weigh: (frame: number) => weigh(frame, manifest.parts),
    weighHigh: (frame: number) => weigh(frame, manifest.parts.filter(isHigh)),
  };
}
