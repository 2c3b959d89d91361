// The port to durable storage. The database adapter (indexed-db.ts) and the in-memory one (testing/memory-store.ts) pass the
// same contract tests. record/committer.ts is the only caller of `commit`; nothing else may write.

import type { SessionId } from '../../protocol/ids.ts';
import type { HeaderRow, HeldRow, IdentityRow, PageRow, ReceiptRow, RecordKeyRow, SessionRow } from './rows.ts';

/** Everything one commit changes: all of it is durable, or none. */
export type StoreCommit = {
  /** Revision the writer built on; null when the database must still be empty. */
  readonly expectedRevision: number | null;
  readonly header: HeaderRow;
  readonly recordKey?: RecordKeyRow;
  readonly identity?: IdentityRow;
  readonly page?: PageRow;
  readonly sessions: readonly SessionRow[];
  readonly held: readonly HeldRow[];
  /** Sessions whose held leaves are erased. */
  readonly releasedSessions: readonly SessionId[];
  readonly receipts: readonly ReceiptRow[];
};

/** `moved`: another writer was faster, nothing was written. */
export type CommitOutcome = 'committed' | 'moved';

/** Durable storage of the module. Every method may throw `store/refused`, `store/full` or `store/newer-version`. */
export type RecordStore = {
  header(): Promise<HeaderRow | null>;
  recordKey(): Promise<RecordKeyRow | null>;
  identity(): Promise<IdentityRow | null>;
  /** Pages in order, from the one that holds entry `fromCounter`; at most `limit`. */
  pages(fromCounter: number, limit: number): Promise<readonly PageRow[]>;
  session(session: SessionId): Promise<SessionRow | null>;
  /** Newest first by `openedTime`; at most `limit`. */
  sessions(limit: number): Promise<readonly SessionRow[]>;
  /** The held row that has this frame's leaf. */
  held(session: SessionId, frame: number): Promise<HeldRow | null>;
  receipt(session: SessionId): Promise<ReceiptRow | null>;
  /** Newest first by `closedTime`; at most `limit`. */
  receipts(limit: number): Promise<readonly ReceiptRow[]>;
  /** One transaction, strictly durable on return. Compares the stored revision first. A page is added, never replaced. */
  commit(commit: StoreCommit): Promise<CommitOutcome>;
};
