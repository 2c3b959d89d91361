// What of a lost or altered database can still be believed: sessions whose seals open and whose signed objects are those they were opened
// with, receipts that this module signed. Called by a recovery. A row that does not hold is named, never repaired.

import type { ModuleId } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { SnapshotReceipt, SnapshotSession } from '../../protocol/snapshot.ts';
import type { ModuleKeys } from '../core.ts';
import type { RecordStore } from '../store/record-store.ts';
import type { ReceiptRow, SessionRow } from '../store/rows.ts';
import type { Source, Unreadable } from './gather.ts';
import { ifHolds } from './if-holds.ts';
import { inBatches } from './in-batches.ts';
import { snapshotSession } from './snapshot.ts';
import { makeReceiptVerifier, type Verifying } from './verify-receipt.ts';

type Readable = { readonly store: Omit<RecordStore, 'commit'>; readonly keys: ModuleKeys };

/** What holds of the database, as a source for `gather`. `module` is whose receipts are believed. @throws FareboxError `store/refused`, `store/newer-version`. */
export async function readDatabase(around: Verifying, database: Readable, module: ModuleId): Promise<Source> {
  const { store, keys } = database;
  const receiptRows = await readableRows((limit) => store.receipts(limit));
  const listed = await readableRows((limit) => store.sessions(limit));
  const sessionRows = [...listed, ...(await readMissed(store, listed, receiptRows))];
  const unreadable: Unreadable[] = [];
  const sessions = await inBatches(sessionRows, async (row): Promise<SnapshotSession[]> => {
    const kept = await ifHolds(() => snapshotSession(row, keys));
    if (kept === null) unreadable.push({ kind: 'session', session: row.session });
    return kept === null ? [] : [kept];
  });
  const known = new Map(sessions.flat().map((session) => [session.session, session]));
  const verify = makeReceiptVerifier(around, module);
  const receipts = await inBatches(receiptRows, async (row): Promise<SnapshotReceipt[]> => {
    const session = known.get(row.session);
    const kept = await ifHolds(() => verify(row, session ?? null));
    if (kept === null) unreadable.push({ kind: 'receipt', session: row.session });
    return kept === null ? [] : [kept];
  });
  return { place: 'database', sessions: sessions.flat(), receipts: receipts.flat(), unreadable };
}

/**
 * The newest rows up to the first that has lost its shape: a list cannot be read past it. By halves, because one bad row must not cost all
 * those before it.
 */
async function readableRows<Row>(list: (limit: number) => Promise<readonly Row[]>): Promise<readonly Row[]> {
  const whole = await ifHolds(() => list(LIMITS.snapshotThings));
  if (whole !== null) return whole;
  let rows: readonly Row[] = [];
  let tooMany: number = LIMITS.snapshotThings;
  while (tooMany - rows.length > 1) {
    const limit = rows.length + Math.floor((tooMany - rows.length) / 2);
    const read = await ifHolds(() => list(limit));
    if (read === null) tooMany = limit;
    else rows = read;
  }
  return rows;
}

/** Sessions past a bad row, by the names that receipts know. */
async function readMissed(
  store: Readable['store'],
  listed: readonly SessionRow[],
  receipts: readonly ReceiptRow[],
): Promise<readonly SessionRow[]> {
  const known = new Set(listed.map(({ session }) => session));
  const missed: SessionRow[] = [];
  for (const { session } of receipts) {
    if (known.has(session)) continue;
    const row = await ifHolds(() => store.session(session));
    if (row !== null) missed.push(row);
  }
  return missed;
}
