// Brings back what the provider has of this module and this copy has not: receipts of another copy, and acknowledgements that never arrived.
// Called by commands/. Each paper is checked as anyone would check it, with the agency's key alone; the host that carries it is not believed.

import { checkClaimIn } from '../../protocol/claim-checks.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { hashObject, type ModuleId, type SessionId } from '../../protocol/ids.ts';
import { checkReceiptFile, type ReceiptReport } from '../../protocol/receipt-checks.ts';
import { type ContractPapers, decodeReceiptFile, type ReceiptFile } from '../../protocol/receipt-file.ts';
import { reconcileReport } from '../backup/reconcile.ts';
import type { Core } from '../core.ts';
import { expectEnrolled } from '../keys/identity.ts';
import type { CommitDraft } from '../record/draft.ts';
import { sealTerms } from '../session/session-codec.ts';
import type { SessionContract } from '../session/session-contract.ts';
import type { LoadedSession, SessionTerms } from '../session/session-state.ts';
import { termsOf } from '../session/session-terms.ts';
import { type ReceiptRow, ROW_VERSION, type SealedBytes } from '../store/rows.ts';
import { openKept } from './read-standing.ts';

type Believed = {
  readonly [Part in 'receipt' | 'provider' | 'programme' | 'grant' | 'acknowledgement']: NonNullable<
    ReceiptReport[Part]
  >;
};
type Paper = Believed & {
  readonly session: SessionId;
  readonly file: ReceiptFile & { readonly acknowledgement: Uint8Array };
  readonly terms: SessionTerms;
  readonly sealedTerms: SealedBytes;
  readonly claimed: Claimed;
  /** What is here of the session's receipt, or null. */
  readonly ours: ReceiptRow | null;
};

/**
 * Checks all, then keeps all in one commit; durable on return. A session that is not known here comes in as accepted, with its receipt; for
 * one whose receipt was made here the acknowledgement is kept. Returns how many are new: the same paper twice is one.
 * @throws FareboxError `enrolment/needed`, or what the first failed check of a file says; nothing is kept then.
 */
export async function acceptPapers(core: Core, receiptFiles: readonly Uint8Array[]): Promise<number> {
  const { moduleId } = await expectEnrolled(core);
  const papers = new Map<SessionId, Paper>();
  for (const bytes of receiptFiles) {
    const paper = await verifyPaper(core, moduleId, bytes);
    papers.set(paper.session, paper);
  }
  const kept = await core.committer.commit({
    sessions: [...papers.keys()],
    apply: (draft) => [...papers.values()].filter((paper) => keepPaper(draft, paper)).length,
  });
  if (kept > 0) {
    await core.checkpointer.flush();
    await reconcileWithKept(core, moduleId);
    core.noteChanged('receipts');
    core.noteChanged('operations');
  }
  return kept;
}

/** The report of a restore counts what papers have brought. */
async function reconcileWithKept(core: Core, moduleId: ModuleId): Promise<void> {
  const standing = await openKept(core, await core.store.meta('standing'), moduleId);
  if (standing !== null) await reconcileReport(core, standing);
}

async function verifyPaper(core: Core, moduleId: ModuleId, bytes: Uint8Array): Promise<Paper> {
  const { agencyKey, suite } = core;
  const report = await checkReceiptFile({ file: bytes, agencyKey, suite });
  const failed = report.checks.find(({ verdict }) => verdict === 'failed');
  if (failed !== undefined) throw new FareboxError(failed.code ?? 'receipt/malformed', { check: failed.name });
  const { receipt, provider, programme, grant, acknowledgement } = report;
  const { acknowledgement: signed, ...file } = decodeReceiptFile(bytes);
  // Without the provider's answer it proves nothing that this copy did not sign itself.
  if (acknowledgement === null || signed === null) throw new FareboxError('receipt/acknowledgement');
  if (receipt === null || provider === null || programme === null || grant === null) {
    throw new FareboxError('module/internal', { expected: 'a believed receipt' });
  }
  if (receipt.module !== moduleId) throw new FareboxError('receipt/binding', { module: receipt.module });
  const { session } = receipt;
  const believed: Believed = { receipt, provider, programme, grant, acknowledgement };
  const terms = termsOf(grant, programme, contractIn(report, file.contracted));
  return {
    ...believed,
    claimed: await claimedIn(core, bytes, report),
    session,
    terms,
    file: { ...file, acknowledgement: signed },
    sealedTerms: await sealTerms(session, terms, core.keys.recordKey, core.random),
    ours: await core.store.receipt(session),
  };
}

/** A claim that this copy has forgotten, or has heard no answer to, of the receipt that it has as well. */
function keepClaim(draft: CommitDraft, { session, receipt, ours, claimed }: Paper): boolean {
  const isNew = claimed.claimAnswer !== null && draft.session(session).progress.claimAnswer === null;
  if (!isNew || ours === null || hashObject(ours.receipt) !== receipt.receiptHash) return false;
  Object.assign(draft.change(session).progress, claimed);
  return true;
}

/** The contract as the checks have believed it. The programme's parts are not known here, and are not needed any more. */
function contractIn({ contract }: ReceiptReport, papers: ContractPapers | null): SessionContract | null {
  if (contract === null || papers === null) return null;
  const { contractHash, terms: promised, deliveryId } = contract;
  return { contractHash, contract: papers.contract, acceptance: papers.acceptance, promised, deliveryId, lowRungs: [] };
}

/** True where the paper brought something new. */
function keepPaper(draft: CommitDraft, paper: Paper): boolean {
  const { session, acknowledgement, ours } = paper;
  if (!draft.hasSession(session)) {
    const { sequenceNumber } = acknowledgement;
    draft.addSession(sessionOf(paper, draft.append({ kind: 'acknowledged', session, sequenceNumber })));
    draft.putReceipt(receiptRowOf(paper));
    return true;
  }
  const known = draft.session(session);
  const { state } = known;
  if (state === 'closing') {
    // Closed by a restore, and settled by the copy that went on: what it showed is what counts.
    const { openedTime, openedCounter } = known;
    const counter = draft.append({ kind: 'acknowledged', session, sequenceNumber: acknowledgement.sequenceNumber });
    draft.addSession({ ...sessionOf(paper, counter), openedTime, openedCounter });
    draft.putReceipt(receiptRowOf(paper));
    return true;
  }
  if (state === 'accepted') return keepClaim(draft, paper);
  // Open here: the standing that names it ends it first.
  if (ours === null || (state !== 'closed' && state !== 'refused')) return false;
  if (hashObject(ours.receipt) !== paper.receipt.receiptHash) {
    if (state === 'closed') draft.change(session).state = 'refused';
    return false;
  }
  const accepted = draft.change(session);
  accepted.state = 'accepted';
  const { sequenceNumber } = acknowledgement;
  accepted.progress.lastCounter = draft.append({ kind: 'acknowledged', session, sequenceNumber });
  draft.putReceipt({ ...ours, acknowledgement: paper.file.acknowledgement });
  return true;
}

type Claimed = Pick<LoadedSession['progress'], 'claim' | 'claimAnswer' | 'claimOutcome'>;

/** The claim that another copy made, and its answer, where both hold; what does not is not this receipt's. */
async function claimedIn({ suite }: Core, file: Uint8Array, report: ReceiptReport): Promise<Claimed> {
  const none: Claimed = { claim: null, claimAnswer: null, claimOutcome: null };
  const found = await checkClaimIn({ file, report, suite });
  const papers = decodeReceiptFile(file).contracted;
  if (found === null || found.failure !== null || papers === null) return none;
  const { answer, contradictions } = found;
  if (answer === null) return { ...none, claim: papers.claim };
  const claimOutcome = { verdict: answer.verdict, paidMinor: Number(answer.amountMinor), contradictions };
  return { claim: papers.claim, claimAnswer: papers.claimAnswer, claimOutcome };
}

/** A session of another copy, as far as its receipt tells: which frames were late or failed is only known as numbers, so none is named. */
function sessionOf(
  { session, terms, sealedTerms, file, receipt, grant, claimed }: Paper,
  counter: number,
): LoadedSession {
  const { programme, grant: grantBytes, providerCertificate } = file;
  const lastFrame = receipt.frames.at(-1)?.[1] ?? terms.granted[0]?.[0] ?? 0;
  return {
    ...{ session, terms, sealedTerms, programme, grant: grantBytes, providerCertificate },
    openedTime: grant.issuedAt,
    openedCounter: counter,
    state: 'accepted',
    progress: {
      decrypted: receipt.frames,
      late: receipt.delivery?.lateFrames ?? [],
      low: receipt.delivery?.belowRung ?? [],
      stalls: new Map(receipt.delivery?.stalls),
      ...claimed,
      contradiction: null,
      failures: new Map(),
      reservations: new Map(),
      count: receipt.count,
      rungs: new Map(receipt.rungs),
      firstTime: receipt.firstTime,
      lastTime: receipt.lastTime,
      lastCounter: counter,
      mark: 0,
      positionMs: lastFrame * terms.frameDurationMs,
    },
    secrets: null,
    secretsKey: null,
  };
}

function receiptRowOf({ session, file, receipt }: Paper): ReceiptRow {
  const { receipt: bytes, certificate, acknowledgement } = file;
  const closedTime = receipt.issuedAt;
  return { session, version: ROW_VERSION, closedTime, receipt: bytes, certificate, acknowledgement };
}
