// P4 on the provider's side (docs/protocol.md §9): verifies a receipt as anyone could, meets the module that brings it, then
// charges and acknowledges it once, in the caller's transaction. The receipt route calls it. It never charges more than was
// reserved, and never twice.

import { and, eq, or, sql } from 'drizzle-orm';
import { makeAcknowledgement } from '../../src/protocol/acknowledgement.ts';
import { equalBytes } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { VerifiedReceipt } from '../../src/protocol/receipt.ts';
import { checkReceiptFile } from '../../src/protocol/receipt-checks.ts';
import { decodeReceiptFile, encodeReceiptFile } from '../../src/protocol/receipt-file.ts';
import { type Alarm, keepAlarm, RecordRefusal } from '../contacts/alarms.ts';
import { contact } from '../contacts/contact.ts';
import type { AlarmKind, Place } from '../contacts/judge.ts';
import type { ProvenModule } from '../contacts/prove.ts';
import type { Queries } from '../db/open.ts';
import { numberSeries, receipts, sessions } from '../db/schema.ts';
import { settleSession } from '../ledger/ledger.ts';
import type { Provider } from '../provider.ts';

/** Name of the series that numbers receipts. */
const RECEIPT_SERIES = 'receipts';
/** Entries a record gains between the answer to a challenge and the receipt, at least: `opened` and `closed`. */
const ENTRIES_OF_A_SESSION = 2n;

/** A receipt whose every check holds, with the file it came in. */
export type CheckedReceipt = {
  readonly receipt: VerifiedReceipt;
  /** The file as it is kept: without an acknowledgement, and without a claim. */
  readonly receiptFile: Uint8Array;
};

/**
 * Runs the protocol's checks on a receipt file, without the database.
 * @throws FareboxError with the code of the first check that fails: `receipt/*`, `certificate/*`, `programme/*`, `grant/*`.
 */
export async function checkReceipt(provider: Provider, file: Uint8Array): Promise<CheckedReceipt> {
  const objects = decodeReceiptFile(file);
  // A file that was claimed by holds the claim as well; the receipt is the same.
  const contracted = objects.contracted && { ...objects.contracted, claim: null, claimAnswer: null };
  const receiptFile = encodeReceiptFile({ ...objects, contracted, acknowledgement: null });
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
 * Accepts a checked receipt that a contact brought: stored, charged, numbered; or finds that it was. One of an epoch that is over is taken like
 * any other: what was shown is owed.
 * @returns the acknowledgement's COSE bytes; the same bytes for the same receipt, for good.
 * @throws RecordRefusal `record/fork` where the session has another receipt, or another one stands at its place in the record, `record/regress`
 * where it shows less than its session began with; FareboxError `session/unknown`, `receipt/binding`, `receipt/amount`, and what `contact` throws.
 */
export async function acceptReceipt(
  provider: Provider,
  tx: Queries,
  proven: ProvenModule,
  checked: CheckedReceipt,
): Promise<Uint8Array> {
  const { receipt } = checked;
  const known = await contact(provider, tx, proven);
  if (receipt.module !== proven.module) throw new FareboxError('receipt/binding', { member: 'module' });
  const [session] = await tx.select().from(sessions).where(eq(sessions.id, receipt.session)).for('update');
  if (session === undefined) throw new FareboxError('session/unknown');
  if (session.moduleId !== receipt.module || session.grantHash !== receipt.grantHash) {
    throw new FareboxError('receipt/binding');
  }
  const now = provider.clock();
  const { ofSession, atPlace } = await findRivals(tx, receipt);
  if (ofSession?.receiptHash === receipt.receiptHash) return ofSession.acknowledgement;
  if (ofSession !== undefined) throw forkOf(checked, ofSession, now);
  if (atPlace !== undefined) {
    const fork = forkOf(checked, atPlace, now);
    if (receipt.epoch === known.epoch) throw fork;
    // Two copies of an epoch that is over, each with a session of its own: the fork is evidence, and both showed what they state.
    await keepAlarm(tx, fork.alarm);
  }
  const counter = BigInt(receipt.counter);
  const least = session.openedCounter + ENTRIES_OF_A_SESSION;
  if (receipt.epoch === session.epoch && counter < least) {
    throw refusal('regress', checked, now, { counter: least, head: null }, null);
  }
  const { last } = known;
  if (receipt.epoch === known.epoch && counter === last.counter && !equalBytes(receipt.head, last.head)) {
    throw refusal('fork', checked, now, last, last.evidence);
  }
  return chargeAndKeep(provider, tx, checked, last, now);
}

type KeptReceipt = typeof receipts.$inferSelect;

/** The receipt that this session has already, this very one or another; and one of another session at the same place of the record. */
async function findRivals(
  tx: Queries,
  { module, session, epoch, counter }: VerifiedReceipt,
): Promise<{ readonly ofSession: KeptReceipt | undefined; readonly atPlace: KeptReceipt | undefined }> {
  const isAtPlace = and(
    eq(receipts.moduleId, module),
    eq(receipts.epoch, epoch),
    eq(receipts.counter, BigInt(counter)),
  );
  const found = await tx
    .select()
    .from(receipts)
    .where(or(eq(receipts.sessionId, session), isAtPlace));
  return {
    ofSession: found.find(({ sessionId }) => sessionId === session),
    atPlace: found.find(({ sessionId }) => sessionId !== session),
  };
}

/** Two receipts of one module that cannot both be of one record. */
function forkOf(checked: CheckedReceipt, { counter, head, receiptFile }: KeptReceipt, time: number): RecordRefusal {
  return refusal('fork', checked, time, { counter, head }, decodeReceiptFile(receiptFile).receipt);
}

function refusal(
  kind: AlarmKind,
  { receipt, receiptFile }: CheckedReceipt,
  time: number,
  expected: NonNullable<Alarm['expected']>,
  expectedEvidence: Uint8Array | null,
): RecordRefusal {
  const { receipt: evidence, certificate } = decodeReceiptFile(receiptFile);
  const shown = { counter: BigInt(receipt.counter), head: receipt.head };
  const { module, epoch } = receipt;
  const signed = { module, epoch, source: 'receipt', evidence, certificate, shown } as const;
  return new RecordRefusal({ ...signed, kind, expected, expectedEvidence, time });
}

async function chargeAndKeep(
  provider: Provider,
  tx: Queries,
  { receipt, receiptFile }: CheckedReceipt,
  last: Place,
  now: number,
): Promise<Uint8Array> {
  const { module, session, receiptHash, currency, amountMinor } = receipt;
  const creditMinor = await settleSession(tx, module, session, currency, amountMinor, now);
  const sequenceNumber = await nextNumber(tx, RECEIPT_SERIES);
  const acknowledgement = await makeAcknowledgement({
    signer: provider.keys.provider,
    acknowledgement: {
      module,
      session,
      receiptHash,
      sequenceNumber: Number(sequenceNumber),
      amountMinor,
      creditMinor,
      counter: Number(last.counter),
      head: last.head,
      issuedAt: now,
    },
  });
  await tx.insert(receipts).values({
    receiptHash,
    sessionId: session,
    moduleId: module,
    receiptFile,
    acknowledgement,
    sequenceNumber,
    frameCount: receipt.count,
    amountMinor,
    epoch: receipt.epoch,
    counter: BigInt(receipt.counter),
    head: receipt.head,
    acceptedTime: now,
  });
  await tx.update(sessions).set({ state: 'settled' }).where(eq(sessions.id, session));
  return acknowledgement;
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
