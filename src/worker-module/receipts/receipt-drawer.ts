// P4, s71–s74: receipts. Signs the receipt of a session that has ended, keeps its exact bytes before they leave, keeps the provider's
// answer. Called by commands/ and at start, for a session whose end was cut short. A session has one receipt, the same for good.

import { verifyAcknowledgement } from '../../protocol/acknowledgement.ts';
import { verifyCertificate } from '../../protocol/certificate.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { hashObject, type SessionId } from '../../protocol/ids.ts';
import { makeReceipt } from '../../protocol/receipt.ts';
import { encodeReceiptFile } from '../../protocol/receipt-file.ts';
import type { ReceiptView } from '../commands.ts';
import type { Core } from '../core.ts';
import { expectEnrolled, signerOf } from '../keys/identity.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { readRecord } from '../record/read-record.ts';
import { meterOf } from '../session/frame-life.ts';
import { openSessionRow } from '../session/session-codec.ts';
import type { LoadedSession } from '../session/session-state.ts';
import { type ReceiptRow, ROW_VERSION } from '../store/rows.ts';
import { buildReceipt } from './build-receipt.ts';

/**
 * Makes the receipt of a session that has ended, if it is not there yet. Durable on return, the checkpoint included.
 * @throws FareboxError `session/unknown`, `receipt/none` for a session that is open, `store/altered`.
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
  const { programme, grant, providerCertificate } = await expectSession(core, session);
  const { receipt, certificate, acknowledgement } = await expectReceipt(core, session);
  return encodeReceiptFile({ receipt, certificate, grant, programme, providerCertificate, acknowledgement });
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

async function signReceipt(core: Core, ended: LoadedSession): Promise<void> {
  const { session, terms, openedCounter } = ended;
  const identity = await expectEnrolled(core);
  const built = await buildReceipt(session, terms, readRecord(core.store, core.recordKey, openedCounter));
  const receipt = await makeReceipt({ signer: signerOf(identity), receipt: built });
  await core.committer.commit({
    sessions: [session],
    apply: (draft) => {
      // Another tab may have been faster; what it kept is the same, and stays.
      if (draft.session(session).state !== 'closing') return;
      const closed = draft.change(session);
      closed.state = 'closed';
      closed.progress.lastCounter = draft.append({ kind: 'receipt', session, receiptHash: hashObject(receipt) });
      const { certificate } = identity;
      const closedTime = built.issuedAt;
      draft.putReceipt({ session, version: ROW_VERSION, closedTime, receipt, certificate, acknowledgement: null });
    },
  });
}

async function viewReceipt(core: Core, row: ReceiptRow): Promise<ReceiptView> {
  const loaded = await expectSession(core, row.session);
  const { terms } = loaded;
  const { count, amountMinor } = meterOf(loaded);
  return {
    session: row.session,
    title: terms.title,
    state: row.acknowledgement === null ? 'durable' : 'accepted',
    closedTime: row.closedTime,
    count,
    currency: terms.currency,
    amountMinor,
  };
}

/** Asks the store, never a tab's memory: a receipt made in another tab is the same receipt. */
async function expectSession(core: Core, session: SessionId): Promise<LoadedSession> {
  const row = await core.store.session(session);
  if (row === null) throw new FareboxError('session/unknown', { session });
  return openSessionRow(row, core.recordKey);
}

async function expectReceipt(core: Core, session: SessionId): Promise<ReceiptRow> {
  const row = await core.store.receipt(session);
  if (row === null) throw new FareboxError('receipt/none', { session });
  return row;
}
