// Reads the rows of a snapshot as one commit left them: all of them, or those that no provider has answered for good. Called by snapshot.ts, four
// times a second while a programme plays; what waits for an answer is read once and remembered, because a terminal that is offline may have
// hundreds of receipts.

import { FareboxError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { Snapshot, SnapshotReceipt, SnapshotSession } from '../../protocol/snapshot.ts';
import type { Core } from '../core.ts';
import type { HeaderRow, IdentityRow, OperationRow, ReceiptRow, SessionRow } from '../store/rows.ts';
import { BACKUP_LIMITS } from './backup-limits.ts';
import { inBatches } from './in-batches.ts';

/** `all`: every session and receipt, for a backup. `unsettled`: those that no provider has answered for good, for a checkpoint. */
export type SnapshotScope = 'all' | 'unsettled';

/** A session that waits for its provider's answer, as a snapshot has it, and its receipt. */
export type Kept = { readonly session: SnapshotSession; readonly receipt: SnapshotReceipt | null };

/** What is remembered from one reading to the next. */
export type Waiting = ReadonlyMap<SessionId, Kept>;

/** The rows of a snapshot. */
export type Papers = {
  readonly sessions: readonly SessionRow[];
  readonly receipts: readonly ReceiptRow[];
  /** What was read before and has not changed since. */
  readonly kept: readonly Kept[];
  /** Sessions that will not change before their provider answers. */
  readonly steady: ReadonlySet<SessionId>;
};

/** One moment of the store. */
export type AtRest = { readonly identity: IdentityRow | null; readonly header: HeaderRow; readonly papers: Papers };

type Store = Core['store'];

/**
 * Reads until nothing was committed in between: a session that is ahead of the record, or a receipt without its entry, is no snapshot.
 * @throws FareboxError `store/wiped`, `store/altered`, `store/conflict` where the store never rests.
 */
export async function readAtRest(store: Store, scope: SnapshotScope, waiting: Waiting = new Map()): Promise<AtRest> {
  for (let tries = 0; tries < BACKUP_LIMITS.snapshotAttempts; tries += 1) {
    const header = await expectHeader(store);
    const identity = await store.meta('identity');
    const papers = await (scope === 'all' ? readAll(store) : readUnsettled(store, waiting));
    if ((await expectHeader(store)).revision === header.revision) return { identity, header, papers };
  }
  throw new FareboxError('store/conflict');
}

/** What the next reading may remember of this one. */
export function waitingIn({ sessions, receipts }: Snapshot, steady: ReadonlySet<SessionId>): Waiting {
  const owned = new Map(receipts.map((receipt) => [receipt.session, receipt]));
  const found = sessions.filter(({ session }) => steady.has(session));
  return new Map(found.map((session) => [session.session, { session, receipt: owned.get(session.session) ?? null }]));
}

async function expectHeader(store: Store): Promise<HeaderRow> {
  const header = await store.meta('header');
  if (header === null) throw new FareboxError('store/wiped');
  return header;
}

/** One more than a snapshot may hold, so that it refuses rather than leave something out. */
async function readAll(store: Store): Promise<Papers> {
  const limit = LIMITS.snapshotThings + 1;
  const sessions = await store.sessions(limit);
  return { sessions, receipts: await store.receipts(limit), kept: [], steady: new Set() };
}

/**
 * Found by the status index. Sessions that still move come first; of receipts that wait for an answer the oldest, for they wait longest. What
 * is beyond the bound is in the database and the backup only.
 */
async function readUnsettled(store: Store, waiting: Waiting): Promise<Papers> {
  const operations = [
    ...(await store.operations('working', BACKUP_LIMITS.unsettledSessions)),
    ...(await store.operations('waiting', BACKUP_LIMITS.unsettledSessions)),
  ];
  const sessions: SessionRow[] = [];
  const receipts: ReceiptRow[] = [];
  const kept: Kept[] = [];
  const steady = new Set<SessionId>();
  let sizeBytes = 0;
  for (const read of await inBatches(operations, (operation) => readOne(store, operation, waiting))) {
    if (read === null) continue;
    sizeBytes += sizeOf(read);
    const isFull = sessions.length + kept.length >= BACKUP_LIMITS.unsettledSessions;
    if (isFull || sizeBytes > BACKUP_LIMITS.unsettledBytes) break;
    if (read.isSteady) steady.add(read.kind === 'kept' ? read.kept.session.session : read.session.session);
    if (read.kind === 'kept') kept.push(read.kept);
    else {
      sessions.push(read.session);
      if (read.receipt !== null) receipts.push(read.receipt);
    }
  }
  return { sessions, receipts, kept, steady };
}

type Read = { readonly isSteady: boolean } & (
  | { readonly kind: 'kept'; readonly kept: Kept }
  | { readonly kind: 'rows'; readonly session: SessionRow; readonly receipt: ReceiptRow | null }
);

async function readOne(store: Store, operation: OperationRow, waiting: Waiting): Promise<Read | null> {
  const { session: name, status, code } = operation;
  if (name === null) return null;
  const isSteady = status === 'waiting' && code === null;
  const kept = isSteady ? waiting.get(name) : undefined;
  if (kept !== undefined) return { isSteady, kind: 'kept', kept };
  const session = await store.session(name);
  return session === null ? null : { isSteady, kind: 'rows', session, receipt: await store.receipt(name) };
}

function sizeOf(read: Read): number {
  const { session, receipt } = read.kind === 'kept' ? read.kept : read;
  const own =
    read.kind === 'kept'
      ? read.kept.session
      : { terms: read.session.terms.sealed, progress: read.session.progress.sealed };
  const papers = [session.programme, session.grant, session.providerCertificate, own.terms, own.progress];
  const signed = receipt === null ? [] : [receipt.receipt, receipt.certificate];
  return [...papers, ...signed].reduce((sum, { length }) => sum + length, 0);
}
