// The database of the module, through idb: name, versions, migrations, and the RecordStore on top. Opened once by the worker.
// Must never write outside one strict transaction, nor await anything but the transaction's own requests inside it.

import { type DBSchema, type IDBPDatabase, openDB, type StoreNames } from 'idb';
import { FareboxError } from '../../protocol/errors.ts';
import type { CommitOutcome, RecordStore, StoreCommit } from './record-store.ts';
import {
  type HeaderRow,
  type HeldRow,
  heldFrameName,
  type IdentityRow,
  type PageRow,
  type ReceiptRow,
  type RecordKeyRow,
  ROW_VERSION,
  type SessionRow,
} from './rows.ts';
import { toStoreError } from './store-error.ts';

/** The database's name, as the browser lists it. */
export const DATABASE_NAME = 'farebox-module';
const DATABASE_VERSION = 1;

interface ModuleSchema extends DBSchema {
  meta: { key: string; value: HeaderRow | RecordKeyRow | IdentityRow };
  pages: { key: number; value: PageRow };
  sessions: { key: string; value: SessionRow; indexes: { 'by-opened': number } };
  held: { key: [string, number]; value: HeldRow; indexes: { 'by-frame': string; 'by-session': string } };
  receipts: { key: string; value: ReceiptRow; indexes: { 'by-closed': number } };
}
type Database = IDBPDatabase<ModuleSchema>;

/** One step for each version, in order; a step is never edited once released. */
const MIGRATIONS: readonly ((database: Database) => void)[] = [
  (database) => {
    database.createObjectStore('meta', { keyPath: 'name' });
    database.createObjectStore('pages', { keyPath: 'firstCounter' });
    database.createObjectStore('sessions', { keyPath: 'session' }).createIndex('by-opened', 'openedTime');
    const held = database.createObjectStore('held', { keyPath: ['session', 'pageCounter'] });
    held.createIndex('by-frame', 'frameNames', { multiEntry: true });
    held.createIndex('by-session', 'session');
    database.createObjectStore('receipts', { keyPath: 'session' }).createIndex('by-closed', 'closedTime');
  },
];

/**
 * Opens (and upgrades) the module's database.
 * @throws FareboxError `store/newer-version` when a newer build has upgraded it, `store/refused` when the browser gives no database.
 */
export async function openIndexedDbStore(): Promise<RecordStore & { close(): void }> {
  const database = await guarded(openDatabase);
  const meta = async (name: 'header' | 'record-key' | 'identity') => known(await database.get('meta', name));
  return {
    header: () => guarded(async () => expectRow(await meta('header'), 'header')),
    recordKey: () => guarded(async () => expectRow(await meta('record-key'), 'record-key')),
    identity: () => guarded(async () => expectRow(await meta('identity'), 'identity')),
    pages: (fromCounter, limit) => guarded(() => readPages(database, fromCounter, limit)),
    session: (session) => guarded(async () => known(await database.get('sessions', session))),
    sessions: (limit) =>
      guarded(async () => {
        const { store } = database.transaction('sessions', 'readonly');
        return take(await store.index('by-opened').openCursor(null, 'prev'), limit);
      }),
    held: (session, frame) =>
      guarded(async () => known(await database.getFromIndex('held', 'by-frame', heldFrameName(session, frame)))),
    receipt: (session) => guarded(async () => known(await database.get('receipts', session))),
    receipts: (limit) =>
      guarded(async () => {
        const { store } = database.transaction('receipts', 'readonly');
        return take(await store.index('by-closed').openCursor(null, 'prev'), limit);
      }),
    commit: (commit) => guarded(() => commitOnce(database, commit)),
    close: () => database.close(),
  };
}

function openDatabase(): Promise<Database> {
  return new Promise((resolve, reject) => {
    openDB<ModuleSchema>(DATABASE_NAME, DATABASE_VERSION, {
      upgrade(database, oldVersion) {
        for (const migrate of MIGRATIONS.slice(oldVersion)) migrate(database);
      },
      // A tab of an older build holds the database and does not let go: say so instead of waiting for ever.
      blocked: () => reject(new FareboxError('store/refused', { reason: 'blocked' })),
      // A newer build wants to upgrade: let it; every later call here fails with store/refused until the tab is loaded anew.
      blocking: (_current, _wanted, event) => {
        if (event.target instanceof IDBDatabase) event.target.close();
      },
    }).then(resolve, reject);
  });
}

async function commitOnce(database: Database, commit: StoreCommit): Promise<CommitOutcome> {
  const stores: StoreNames<ModuleSchema>[] = ['meta', 'pages', 'sessions', 'held', 'receipts'];
  const transaction = database.transaction(stores, 'readwrite', { durability: 'strict' });
  const meta = transaction.objectStore('meta');
  const stored = expectRow(known(await meta.get('header')), 'header');
  if ((stored?.revision ?? null) !== commit.expectedRevision) {
    await transaction.done;
    return 'moved';
  }
  const held = transaction.objectStore('held');
  const releases = commit.releasedSessions.map((session) => held.index('by-session').getAllKeys(session));
  const releasedKeys = (await Promise.all(releases)).flat();
  const requests: Promise<unknown>[] = [
    meta.put(commit.header),
    ...releasedKeys.map((name) => held.delete(name)),
    ...commit.sessions.map((row) => transaction.objectStore('sessions').put(row)),
    ...commit.held.map((row) => held.put(row)),
    ...commit.receipts.map((row) => transaction.objectStore('receipts').put(row)),
  ];
  if (commit.recordKey) requests.push(meta.put(commit.recordKey));
  if (commit.identity) requests.push(meta.put(commit.identity));
  if (commit.page) requests.push(transaction.objectStore('pages').add(commit.page));
  transaction.commit();
  await Promise.all([...requests, transaction.done]);
  return 'committed';
}

async function readPages(database: Database, fromCounter: number, limit: number): Promise<readonly PageRow[]> {
  const transaction = database.transaction('pages', 'readonly');
  const first = await transaction.store.openKeyCursor(IDBKeyRange.upperBound(fromCounter), 'prev');
  const pages = first === null ? [] : await transaction.store.getAll(IDBKeyRange.lowerBound(first.key), limit);
  await transaction.done;
  return pages.map(knownRow);
}

type Walk<R> = { readonly value: R; continue(): Promise<Walk<R> | null> };

async function take<R extends { readonly version: number }>(
  first: Walk<R> | null,
  limit: number,
): Promise<readonly R[]> {
  const rows: R[] = [];
  for (let cursor = first; cursor !== null && rows.length < limit; cursor = await cursor.continue()) {
    rows.push(knownRow(cursor.value));
  }
  return rows;
}

function known<R extends { readonly version: number }>(row: R | undefined): R | null {
  return row === undefined ? null : knownRow(row);
}

function knownRow<R extends { readonly version: number }>(row: R): R {
  if (row.version !== ROW_VERSION) throw new FareboxError('store/newer-version', { version: row.version });
  return row;
}

function expectRow<N extends 'header' | 'record-key' | 'identity'>(
  row: HeaderRow | RecordKeyRow | IdentityRow | null,
  name: N,
): Extract<HeaderRow | RecordKeyRow | IdentityRow, { name: N }> | null {
  if (row === null) return null;
  if (!isNamed(row, name)) throw new FareboxError('store/altered', { row: name });
  return row;
}

function isNamed<N extends string, R extends { name: string }>(row: R, name: N): row is Extract<R, { name: N }> {
  return row.name === name;
}

async function guarded<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw toStoreError(error);
  }
}
