// The RecordStore over IndexedDB, through idb. Opened once by the worker. Must never write outside one strict transaction, nor await anything
// but the transaction's own requests inside it.

import type { IDBPTransaction } from 'idb';
import type { FareboxError } from '../../protocol/errors.ts';
import { connectDatabase, type Database, type ModuleSchema, STORE_NAMES } from './database.ts';
import type { CommitOutcome, RecordStore, StoreCommit } from './record-store.ts';
import { expectMeta, expectRow, expectVersion, type RowOf, readRevision } from './row-shapes.ts';
import { withoutSum, withSum } from './row-sum.ts';
import { heldFrameName, type MetaName, type MetaRow, type PageRow } from './rows.ts';
import { readVersion1 } from './version-1/read-version-1.ts';

/** The store, and its end: for tests and for a module that is put away. */
export type OpenStore = RecordStore & { close(): void };

/**
 * Opens (and upgrades the structure of) the module's database. `onLost` hears of `store/newer-version` and `store/wiped` at the moment they
 * happen; every later call throws the same.
 * @throws FareboxError `store/newer-version` when a newer build has upgraded it, `store/refused` when the browser gives no database or a tab of
 * an older build holds it ({reason: 'blocked'}: opening again later may work).
 */
export async function openIndexedDbStore(onLost: (error: FareboxError) => void = () => undefined): Promise<OpenStore> {
  const connection = await connectDatabase(onLost);
  const { run } = connection;
  return {
    version1: () => run(readVersion1),
    revision: () => run(async (database) => readRevision(await database.get('meta', 'header'))),
    meta: <Name extends MetaName>(name: Name) =>
      run(async (database) => {
        const row = await database.get('meta', name);
        return row === undefined ? null : readMeta(name, row);
      }),
    pages: (fromCounter, limit) => run((database) => readPages(database, fromCounter, limit)),
    session: (session) => run(async (database) => found('sessions', await database.get('sessions', session))),
    sessions: (limit) =>
      run(async (database) => {
        const { store } = database.transaction('sessions', 'readonly');
        return take('sessions', await store.index('by-opened').openCursor(null, 'prev'), limit);
      }),
    held: (session, frame) =>
      run(async (database) =>
        found('held', await database.getFromIndex('held', 'by-frame', heldFrameName(session, frame))),
      ),
    receipt: (session) => run(async (database) => found('receipts', await database.get('receipts', session))),
    receipts: (limit) =>
      run(async (database) => {
        const { store } = database.transaction('receipts', 'readonly');
        return take('receipts', await store.index('by-closed').openCursor(null, 'prev'), limit);
      }),
    operations: (status, limit) =>
      run(async (database) => {
        // An array sorts after every number: all times of this status.
        const range = IDBKeyRange.bound([status], [status, []]);
        const rows = await database.getAllFromIndex('operations', 'by-status', range, limit);
        return rows.map((row) => readRow('operations', row));
      }),
    commit: (commit) => run((database) => commitOnce(database, commit)),
    close: connection.close,
  };
}

type Writing = IDBPTransaction<ModuleSchema, typeof STORE_NAMES, 'readwrite'>;

async function commitOnce(database: Database, commit: StoreCommit): Promise<CommitOutcome> {
  const transaction = database.transaction(STORE_NAMES, 'readwrite', { durability: 'strict' });
  // Its rejection is the true cause; that of a request is only how the request learned of it. It is awaited below in every case but the throws.
  transaction.done.catch(() => undefined);
  const stored = await transaction.objectStore('meta').get('header');
  if (stored !== undefined && !commit.reset) readMeta('header', stored);
  if (readRevision(stored) !== commit.expectedRevision) {
    await transaction.done;
    return 'moved';
  }
  const held = transaction.objectStore('held');
  const releases = commit.releasedSessions.map((session) => held.index('by-session').getAllKeys(session));
  const released = (await Promise.all(releases)).flat();
  const requests: Promise<unknown>[] = [];
  try {
    for (const begin of writesOf(transaction, commit, released)) requests.push(begin());
    transaction.commit();
  } catch (error) {
    // A row that cannot be written at all: what was asked for before it must not be committed without it.
    transaction.abort();
    await Promise.allSettled(requests);
    throw error;
  }
  await Promise.allSettled(requests);
  await transaction.done;
  return 'committed';
}

type Write = () => Promise<unknown>;

function writesOf(transaction: Writing, commit: StoreCommit, released: readonly [string, number][]): readonly Write[] {
  const store = <Name extends (typeof STORE_NAMES)[number]>(name: Name) => transaction.objectStore(name);
  const put = (name: (typeof STORE_NAMES)[number], rows: readonly object[]) =>
    rows.map(
      (row): Write =>
        () =>
          store(name).put(withSum(row)),
    );
  return [
    ...(commit.reset ? STORE_NAMES : []).map(
      (name): Write =>
        () =>
          store(name).clear(),
    ),
    ...commit.removedMeta.map(
      (name): Write =>
        () =>
          store('meta').delete(name),
    ),
    ...put('meta', [commit.header, ...commit.meta]),
    ...commit.pages.map(
      (row): Write =>
        () =>
          store('pages').add(withSum(row)),
    ),
    ...released.map(
      (name): Write =>
        () =>
          store('held').delete(name),
    ),
    ...put('sessions', commit.sessions),
    ...put('held', commit.held),
    ...put('receipts', commit.receipts),
    ...put('operations', commit.operations),
  ];
}

async function readPages(database: Database, fromCounter: number, limit: number): Promise<readonly PageRow[]> {
  const transaction = database.transaction('pages', 'readonly');
  const first = await transaction.store.openKeyCursor(IDBKeyRange.upperBound(fromCounter), 'prev');
  const pages = first === null ? [] : await transaction.store.getAll(IDBKeyRange.lowerBound(first.key), limit);
  await transaction.done;
  return pages.map((row) => readRow('pages', row));
}

type Walk = { readonly value: unknown; continue(): Promise<Walk | null> };

async function take<Kind extends keyof RowOf>(
  kind: Kind,
  first: Walk | null,
  limit: number,
): Promise<readonly RowOf[Kind][]> {
  const rows: RowOf[Kind][] = [];
  for (let cursor = first; cursor !== null && rows.length < limit; cursor = await cursor.continue()) {
    rows.push(readRow(kind, cursor.value));
  }
  return rows;
}

function found<Kind extends keyof RowOf>(kind: Kind, row: unknown): RowOf[Kind] | null {
  return row === undefined ? null : readRow(kind, row);
}

/** The version first: what another build wrote has no sum, or another one. */
function readRow<Kind extends keyof RowOf>(kind: Kind, stored: unknown): RowOf[Kind] {
  expectVersion(kind, stored);
  return expectRow(kind, withoutSum(stored));
}

function readMeta<Name extends MetaName>(name: Name, stored: unknown): Extract<MetaRow, { name: Name }> {
  expectVersion(name, stored);
  return expectMeta(name, withoutSum(stored));
}
