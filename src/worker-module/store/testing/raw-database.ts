// The module's database without the module: what another build, or a person with developer tools, does to it. For tests.

import { DATABASE_NAME, DATABASE_VERSION } from '../database.ts';
import { memberOf } from '../shape.ts';

/** Opens the database at `version`, as a build would that lets nobody in: it does not close for another. */
export function openRaw(version: number, upgrade?: (database: IDBDatabase) => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE_NAME, version);
    request.onupgradeneeded = () => upgrade?.(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('blocked'));
  });
}

/** Writes rows into one object store, whatever they are. */
export async function putRaw(storeName: string, ...rows: readonly unknown[]): Promise<void> {
  const database = await openRaw(DATABASE_VERSION);
  await writeRaw(database, storeName, rows);
  await closing(database);
}

/** Writes rows over an open connection. */
export function writeRaw(database: IDBDatabase, storeName: string, rows: readonly unknown[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(storeName, 'readwrite', { durability: 'strict' });
    for (const row of rows) transaction.objectStore(storeName).put(row);
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Closes a connection, and gives those who wait for that their turn. */
export async function closing(database: IDBDatabase): Promise<void> {
  database.close();
  await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The structure that version 1 made, frozen. */
export function buildVersion1(database: IDBDatabase): void {
  database.createObjectStore('meta', { keyPath: 'name' });
  database.createObjectStore('pages', { keyPath: 'firstCounter' });
  database.createObjectStore('sessions', { keyPath: 'session' }).createIndex('by-opened', 'openedTime');
  const held = database.createObjectStore('held', { keyPath: ['session', 'pageCounter'] });
  held.createIndex('by-frame', 'frameNames', { multiEntry: true });
  held.createIndex('by-session', 'session');
  database.createObjectStore('receipts', { keyPath: 'session' }).createIndex('by-closed', 'closedTime');
}

/** All rows of one object store. */
export async function allRaw(storeName: string): Promise<readonly unknown[]> {
  const database = await openRaw(DATABASE_VERSION);
  const rows = await new Promise<readonly unknown[]>((resolve, reject) => {
    const request = database.transaction(storeName).objectStore(storeName).getAll();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  await closing(database);
  return rows;
}

/** Puts `present` where `before` was; a row that has no key of its kind any more cannot be there, and is left out. */
export async function replaceRaw(storeName: string, before: unknown, present: unknown): Promise<void> {
  const database = await openRaw(DATABASE_VERSION);
  await new Promise<void>((resolve, reject) => {
    const transaction = database.transaction(storeName, 'readwrite', { durability: 'strict' });
    const store = transaction.objectStore(storeName);
    for (const [row, write] of [
      [before, (given: unknown) => store.delete(keyIn(store, given))],
      [present, (given: unknown) => store.put(given)],
    ] as const) {
      try {
        write(row);
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'DataError') throw error;
      }
    }
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
  await closing(database);
}

function keyIn(store: IDBObjectStore, row: unknown): IDBValidKey {
  const { keyPath } = store;
  const member = (name: string): IDBValidKey => {
    const key = memberOf(row, name);
    if (typeof key !== 'string' && typeof key !== 'number') throw new DOMException('no key', 'DataError');
    return key;
  };
  return typeof keyPath === 'string' ? member(keyPath) : (keyPath ?? []).map(member);
}
