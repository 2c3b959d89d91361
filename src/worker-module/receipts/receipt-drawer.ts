// P4, s71–s74: receipts. Signs the receipt of a session that has ended, keeps its exact bytes before they leave, keeps the provider's
// answer. Called by commands/, by a restore that heard the provider, and at start, for a session whose end was cut short. A session has one
// receipt, the same for good.

import { verifyAcknowledgement } from '../../protocol/acknowledgement.ts';
import { verifyCertificate } from '../../protocol/certificate.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { hashObject, type SessionId } from '../../protocol/ids.ts';
import { makeReceipt, type Receipt } from '../../protocol/receipt.ts';
import { type ContractPapers, encodeReceiptFile } from '../../protocol/receipt-file.ts';
import type { ReceiptView } from '../commands.ts';
import type { Core } from '../core.ts';
import { type EnrolledIdentity, expectEnrolled, openIdentityKeys } from '../keys/identity.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { readRecord } from '../record/read-record.ts';
import { type Restored, readRestored } from '../restored.ts';
import { meterOf } from '../session/frame-life.ts';
import { openSessionRow } from '../session/session-codec.ts';
import type { LoadedSession } from '../session/session-state.ts';
import { isUnused } from '../session/session-view.ts';
import { type ReceiptRow, ROW_VERSION } from '../store/rows.ts';
import { buildReceipt, type ClosedPlace, receiptFromProgress } from './build-receipt.ts';
import { certifiedTime } from './certified-time.ts';
import { viewClaim } from './claim-view.ts';

/**
 * Makes the receipt of a session that has ended, if it is not there yet. Durable on return, the checkpoint included.
 * @throws FareboxError `session/unknown`, `receipt/none` for a session that is open, `store/altered`; for one that a restore closed
 * `enrolment/needed` while the new epoch is pending, `standing/needed` until its provider was asked, `receipt/refused` where that has a receipt
 * of the copy that was lost.
 */
export async function commitReceipt(core: Core, session: SessionId): Promise<void> {
  if ((await core.store.receipt(session)) === null) {
    const loaded = await expectSession(core, session);
    if (loaded.state === 'open') throw new FareboxError('receipt/none', { session });
    await signReceipt(core, loaded);
  }
  await core.checkpointer.flush();
}

/** The receipt file (docs/protocol.md §9). @throws FareboxError `session/unknown`, `receipt/none`. */
export async function readReceiptFile(core: Core, session: SessionId): Promise<Uint8Array> {
  const loaded = await expectSession(core, session);
  const { programme, grant, providerCertificate } = loaded;
  const { receipt, certificate, acknowledgement } = await expectReceipt(core, session);
  const contracted = contractedOf(loaded);
  return encodeReceiptFile({
    receipt,
    certificate,
    grant,
    programme,
    providerCertificate,
    acknowledgement,
    contracted,
  });
}

/**
 * Keeps the provider's answer to a receipt; durable on return, and the first one stays.
 * @throws FareboxError `session/unknown`, `receipt/none`, `receipt/acknowledgement`, `certificate/*`.
 */
export async function commitAcknowledgement(
  core: Core,
  session: SessionId,
  acknowledgement: Uint8Array,
): Promise<ReceiptView> {
  const { agencyKey, suite } = core;
  const loaded = await expectSession(core, session);
  const kept = await expectReceipt(core, session);
  // The provider was certified when the session was opened; its answer may come after that certificate has run out.
  const bytes = loaded.providerCertificate;
  const provider = await verifyCertificate({ bytes, agencyKey, role: 'provider', now: loaded.openedTime, suite });
  const { moduleId } = await expectEnrolled(core);
  const amountMinor = BigInt(loaded.progress.count) * loaded.terms.priceMinor;
  const receipt = { module: moduleId, session, receiptHash: hashObject(kept.receipt), amountMinor };
  const { sequenceNumber } = await verifyAcknowledgement({ bytes: acknowledgement, provider, receipt, suite });
  await core.committer.commit({
    sessions: [session],
    apply: (draft) => {
      if (draft.session(session).state === 'accepted') return;
      const accepted = draft.change(session);
      accepted.state = 'accepted';
      accepted.progress.lastCounter = draft.append({ kind: 'acknowledged', session, sequenceNumber });
      draft.putReceipt({ ...kept, acknowledgement });
    },
  });
  return viewReceipt(core, await expectReceipt(core, session));
}

/** The drawer, newest first, at most MODULE_LIMITS.listedSessions. */
export async function listReceipts(core: Core): Promise<readonly ReceiptView[]> {
  const rows = await core.store.receipts(MODULE_LIMITS.listedSessions);
  return Promise.all(rows.map((row) => viewReceipt(core, row)));
}

/** The papers of the contract, as far as there are any. */
function contractedOf({ terms, progress }: LoadedSession): ContractPapers | null {
  if (terms.contract === null) return null;
  const { contract, acceptance } = terms.contract;
  const { claim, claimAnswer } = progress;
  return { contract, acceptance, claim, claimAnswer };
}

async function signReceipt(core: Core, ended: LoadedSession): Promise<void> {
  const { session } = ended;
  const identity = await expectEnrolled(core);
  const { certificate } = identity;
  const built = await buildFor(core, ended, identity);
  const issuedAt = certifiedTime(certificate, built.issuedAt);
  const { signer } = await openIdentityKeys(core, identity);
  const receipt = await makeReceipt({ signer, receipt: { ...built, issuedAt } });
  await core.committer.commit({
    sessions: [session],
    apply: (draft) => {
      // Another tab may have been faster; what it kept stays.
      if (draft.session(session).state !== 'closing') return;
      // A new epoch was granted meanwhile: this one is not the module's any more, and the next attempt makes the right one.
      if (draft.meta('identity')?.epoch !== identity.epoch) throw new FareboxError('store/conflict');
      const closed = draft.change(session);
      closed.state = 'closed';
      closed.progress.lastCounter = draft.append({ kind: 'receipt', session, receiptHash: hashObject(receipt) });
      draft.putReceipt({
        session,
        version: ROW_VERSION,
        closedTime: issuedAt,
        receipt,
        certificate,
        acknowledgement: null,
      });
    },
  });
}

/** From the record; or from progress, where the record begins after the session was opened because a restore began it anew. */
async function buildFor(core: Core, ended: LoadedSession, identity: EnrolledIdentity): Promise<Receipt> {
  const { session, terms, openedCounter, progress } = ended;
  const restored = await readRestored(core);
  if (restored === null || openedCounter >= restored.alarmCounter) {
    return buildReceipt(session, terms, identity, readRecord(core.store, core.keys.recordKey, openedCounter));
  }
  // In the new epoch and no other: another copy may have signed receipts with these counters in the old one. And not before the provider was
  // asked: it may have the receipt of the copy that was lost.
  if (identity.pending !== null) throw new FareboxError('enrolment/needed', { session });
  if (!restored.asked.includes(terms.provider)) throw new FareboxError('standing/needed', { session });
  // Two receipts of one session are two words of one module. The papers of the one that the provider took bring it back.
  const isUsed = restored.things.some((thing) => thing.session === session && thing.outcome === 'used');
  if (isUsed) throw new FareboxError('receipt/refused', { session });
  const closed = await findClosed(core, session, restored);
  return receiptFromProgress(session, terms, identity, { progress, closed, now: core.clock.now() });
}

/** The `closed` entry that the restore wrote, chain checked from the beginning of the new record. */
async function findClosed(core: Core, session: SessionId, restored: Restored): Promise<ClosedPlace> {
  for await (const { entry, head } of readRecord(core.store, core.keys.recordKey, restored.alarmCounter)) {
    if (entry.kind === 'closed' && entry.session === session) return { counter: entry.counter, head };
  }
  throw new FareboxError('store/altered', { session });
}

/** A receipt as the screens show it. */
export async function viewReceipt(core: Core, row: ReceiptRow): Promise<ReceiptView> {
  const loaded = await expectSession(core, row.session);
  const { terms } = loaded;
  const { count, amountMinor } = meterOf(loaded);
  return {
    session: row.session,
    title: terms.title,
    state: loaded.state === 'refused' ? 'refused' : row.acknowledgement === null ? 'durable' : 'accepted',
    closedTime: row.closedTime,
    count,
    currency: terms.currency,
    amountMinor,
    claim: viewClaim(loaded, row),
    unused: isUnused(loaded),
  };
}

/** Asks the store, never a tab's memory: a receipt made in another tab is the same receipt. */
export async function expectSession(core: Core, session: SessionId): Promise<LoadedSession> {
  const row = await core.store.session(session);
  if (row === null) throw new FareboxError('session/unknown', { session });
  return openSessionRow(row, core.keys);
}

/** The receipt of a session that has one. @throws FareboxError `receipt/none`. */
export async function expectReceipt(core: Core, session: SessionId): Promise<ReceiptRow> {
  const row = await core.store.receipt(session);
  if (row === null) throw new FareboxError('receipt/none', { session });
  return row;
}
