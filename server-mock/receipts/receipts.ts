// P4 on the provider's side (docs/protocol.md §9): verifies a receipt as anyone could, then charges and acknowledges it
// once, in the caller's transaction. The receipt route calls it. It never charges more than was reserved, and never twice.

import { and, eq, sql } from 'drizzle-orm';
import { makeAcknowledgement } from '../../src/protocol/acknowledgement.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { VerifiedReceipt } from '../../src/protocol/receipt.ts';
import { checkReceiptFile } from '../../src/protocol/receipt-checks.ts';
import { decodeReceiptFile, encodeReceiptFile } from '../../src/protocol/receipt-file.ts';
import type { Queries } from '../db/open.ts';
import { modules, numberSeries, receipts, sessions } from '../db/schema.ts';
import { settleSession } from '../ledger/ledger.ts';
import type { Provider } from '../provider.ts';

/** Name of the series that numbers receipts. */
const RECEIPT_SERIES = 'receipts';
/** Entries a record gains between the answer to a challenge and the receipt, at least: `opened` and `closed`. */
const ENTRIES_OF_A_SESSION = 2n;

/** A receipt whose every check holds, with the file it came in. */
export type CheckedReceipt = {
  readonly receipt: VerifiedReceipt;
  /** The file as it is kept: without an acknowledgement. */
  readonly receiptFile: Uint8Array;
};

/**
 * Runs the protocol's checks on a receipt file, without the database.
 * @throws FareboxError with the code of the first check that fails: `receipt/*`, `certificate/*`, `programme/*`, `grant/*`.
 */
export async function checkReceipt(provider: Provider, file: Uint8Array): Promise<CheckedReceipt> {
  const objects = decodeReceiptFile(file);
  const receiptFile = encodeReceiptFile({ ...objects, acknowledgement: null });
  const { suite } = provider;
  const report = await checkReceiptFile({ file: receiptFile, agencyKey: provider.keys.agency.publicKey, suite });
  const failed = report.checks.find((check) => check.verdict === 'failed');
  if (failed !== undefined) throw new FareboxError(failed.code ?? 'receipt/malformed', { check: failed.name });
  const { receipt } = report;
  if (!report.valid || receipt === null) throw new FareboxError('receipt/malformed');
  if (receipt.provider !== provider.id) throw new FareboxError('receipt/binding', { member: 'provider' });
  return { receipt, receiptFile };
}

/**
 * Accepts a checked receipt: stored, charged, numbered; or finds that it was.
 * @returns the acknowledgement's COSE bytes; the same bytes for the same receipt, for good.
 * @throws FareboxError `session/unknown`, `receipt/conflict`, `receipt/binding`, `receipt/regress`, `receipt/amount`.
 */
export async function acceptReceipt(provider: Provider, tx: Queries, checked: CheckedReceipt): Promise<Uint8Array> {
  const { receipt } = checked;
  const { receiptHash } = receipt;
  const [session] = await tx.select().from(sessions).where(eq(sessions.id, receipt.session)).for('update');
  if (session === undefined) throw new FareboxError('session/unknown');
  if (session.moduleId !== receipt.module || session.grantHash !== receipt.grantHash) {
    throw new FareboxError('receipt/binding');
  }
  if (session.state === 'settled') return findAcknowledgement(tx, receipt.session, receiptHash);
  if (BigInt(receipt.counter) < session.openedCounter + ENTRIES_OF_A_SESSION) throw new FareboxError('receipt/regress');

  const now = provider.clock();
  const last = await keepCounter(tx, receipt);
  const creditMinor = await settleSession(
    tx,
    receipt.module,
    receipt.session,
    receipt.currency,
    receipt.amountMinor,
    now,
  );
  const sequenceNumber = await nextNumber(tx, RECEIPT_SERIES);
  const acknowledgement = await makeAcknowledgement({
    signer: provider.keys.provider,
    acknowledgement: {
      module: receipt.module,
      session: receipt.session,
      receiptHash,
      sequenceNumber: Number(sequenceNumber),
      amountMinor: receipt.amountMinor,
      creditMinor,
      counter: Number(last.counter),
      head: last.head,
      issuedAt: now,
    },
  });
  await tx.insert(receipts).values({
    receiptHash,
    sessionId: receipt.session,
    moduleId: receipt.module,
    receiptFile: checked.receiptFile,
    acknowledgement,
    sequenceNumber,
    frameCount: receipt.count,
    amountMinor: receipt.amountMinor,
    counter: BigInt(receipt.counter),
    head: receipt.head,
    acceptedTime: now,
  });
  await tx.update(sessions).set({ state: 'settled' }).where(eq(sessions.id, receipt.session));
  return acknowledgement;
}

async function findAcknowledgement(tx: Queries, session: string, receiptHash: string): Promise<Uint8Array> {
  const [accepted] = await tx.select().from(receipts).where(eq(receipts.sessionId, session));
  if (accepted?.receiptHash !== receiptHash) throw new FareboxError('receipt/conflict');
  return accepted.acknowledgement;
}

/**
 * Keeps the highest (counter, head) seen of a module. Receipts may come in any order; two that show one counter are two
 * branches of one record.
 * @returns the highest, this receipt included. @throws FareboxError `receipt/regress`.
 */
async function keepCounter(
  tx: Queries,
  receipt: VerifiedReceipt,
): Promise<{ readonly counter: bigint; readonly head: Uint8Array }> {
  const counter = BigInt(receipt.counter);
  const [module] = await tx.select().from(modules).where(eq(modules.id, receipt.module)).for('update');
  if (module === undefined) throw new FareboxError('enrolment/needed');
  const shown = await tx
    .select({ session: receipts.sessionId })
    .from(receipts)
    .where(and(eq(receipts.moduleId, receipt.module), eq(receipts.counter, counter)));
  if (shown.length > 0) throw new FareboxError('receipt/regress');
  if (counter < module.lastCounter) return { counter: module.lastCounter, head: module.lastHead };
  await tx.update(modules).set({ lastCounter: counter, lastHead: receipt.head }).where(eq(modules.id, receipt.module));
  return { counter, head: receipt.head };
}

/** The next number of a series, from 1, without gaps: a transaction that fails gives its number back. */
async function nextNumber(tx: Queries, name: string): Promise<bigint> {
  const [series] = await tx
    .insert(numberSeries)
    .values({ name, lastNumber: 1n })
    .onConflictDoUpdate({ target: numberSeries.name, set: { lastNumber: sql`${numberSeries.lastNumber} + 1` } })
    .returning({ lastNumber: numberSeries.lastNumber });
  if (series === undefined) throw new FareboxError('server/internal');
  return series.lastNumber;
}
