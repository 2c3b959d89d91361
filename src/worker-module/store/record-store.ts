// The port to durable storage. The database adapter (indexed-db.ts) and the in-memory one (testing/memory-store.ts) pass the
// same contract tests. `commit` is called by record/ and, once in a database's life, by start.ts and migrate-v1.ts; nothing else may write.

import type { SessionId } from '../../protocol/ids.ts';
import type {
  HeaderRow,
  HeldRow,
  MetaName,
  MetaRow,
  OperationRow,
  OperationStatus,
  PageRow,
  ReceiptRow,
  SessionRow,
} from './rows.ts';
import type { Version1Database } from './version-1/rows.ts';

/** Everything one commit changes: all of it is durable, or none. */
export type StoreCommit = {
  /** Revision the writer built on; null when the database must still be empty. */
  readonly expectedRevision: number | null;
  /** True: everything stored is removed first, in the same transaction. The revision goes on rising. */
  readonly reset: boolean;
  readonly header: HeaderRow;
  /** Rows of which there is one, but for the header; each replaces the one before. */
  readonly meta: readonly Exclude<MetaRow, HeaderRow>[];
  readonly removedMeta: readonly Exclude<MetaName, 'header'>[];
  readonly pages: readonly PageRow[];
  readonly sessions: readonly SessionRow[];
  readonly held: readonly HeldRow[];
  /** Sessions whose held leaves are erased. */
  readonly releasedSessions: readonly SessionId[];
  readonly receipts: readonly ReceiptRow[];
  readonly operations: readonly OperationRow[];
};

/** `moved`: another writer was faster, nothing was written. */
export type CommitOutcome = 'committed' | 'moved';

/**
 * Durable storage of the module. Every method may throw `store/refused`, `store/full`, `store/newer-version`, `store/altered` for a row that
 * has not the shape of its kind, and `store/wiped` where the database was thrown away under a live connection.
 */
export type RecordStore = {
  /**
   * Everything that is stored, where it is still as version 1 wrote it; null otherwise. Until it is migrated (migrate-v1.ts) every other
   * read that meets a row of it, and every commit but a reset, throws `store/refused` {reason: 'not-migrated'}.
   */
  version1(): Promise<Version1Database | null>;
  /** What `commit` compares: the stored header's revision, of any version; null where there is no header, or none that can be read. */
  revision(): Promise<number | null>;
  /** The row of which there is one. */
  meta<Name extends MetaName>(name: Name): Promise<Extract<MetaRow, { name: Name }> | null>;
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
  /** Operations of this status, oldest change first; at most `limit`. */
  operations(status: OperationStatus, limit: number): Promise<readonly OperationRow[]>;
  /** One transaction, strictly durable on return. Compares the stored revision first; a header that cannot be read counts as none for a reset. A page is added, never replaced. */
  commit(commit: StoreCommit): Promise<CommitOutcome>;
};
