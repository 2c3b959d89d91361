// The module's IndexedDB database: its name, its versions, and the one connection to it. Called by indexed-db.ts only. A connection that the
// browser ends is made anew; a database that is gone is never created again under a module that has used it: that is `store/wiped`.

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { FareboxError } from '../../protocol/errors.ts';
import { toStoreError } from './store-error.ts';

/** The database's name, as the browser lists it. */
export const DATABASE_NAME = 'farebox-module';
/** Its version: the number of steps below. */
export const DATABASE_VERSION = 2;

/** What is stored is foreign until row-shapes.ts has looked at it. */
export interface ModuleSchema extends DBSchema {
  meta: { key: string; value: unknown };
  pages: { key: number; value: unknown };
  sessions: { key: string; value: unknown; indexes: { 'by-opened': number } };
  held: { key: [string, number]; value: unknown; indexes: { 'by-frame': string; 'by-session': string } };
  receipts: { key: string; value: unknown; indexes: { 'by-closed': number } };
  operations: { key: string; value: unknown; indexes: { 'by-status': [string, number] } };
}

/** An open connection. */
export type Database = IDBPDatabase<ModuleSchema>;

/** All object stores. */
export const STORE_NAMES = ['meta', 'pages', 'sessions', 'held', 'receipts', 'operations'] as const;

/**
 * One step for each version, in order; a step is never edited once released. A step changes the structure only: rows of the version before are
 * rewritten at open, in one commit, by a step of its own (migrate-v1.ts), because WebCrypto cannot be awaited inside an upgrade.
 */
const STEPS: readonly ((database: Database) => void)[] = [
  (database) => {
    database.createObjectStore('meta', { keyPath: 'name' });
    database.createObjectStore('pages', { keyPath: 'firstCounter' });
    database.createObjectStore('sessions', { keyPath: 'session' }).createIndex('by-opened', 'openedTime');
    const held = database.createObjectStore('held', { keyPath: ['session', 'pageCounter'] });
    held.createIndex('by-frame', 'frameNames', { multiEntry: true });
    held.createIndex('by-session', 'session');
    database.createObjectStore('receipts', { keyPath: 'session' }).createIndex('by-closed', 'closedTime');
  },
  (database) => {
    const operations = database.createObjectStore('operations', { keyPath: 'name' });
    operations.createIndex('by-status', ['status', 'changedTime']);
  },
];

/** The connection, whatever happens to it. */
export type Connection = {
  /** Runs `operation` on the open database. @throws FareboxError `store/*`. */
  run<T>(operation: (database: Database) => Promise<T>): Promise<T>;
  close(): void;
};

/**
 * Opens, creates or upgrades the database. `onLost` hears, once each, of `store/newer-version` (a newer build upgrades it: this connection is
 * closed for good) and `store/wiped` (it was thrown away while it was in use).
 * @throws FareboxError `store/refused` {reason: 'blocked'} while a tab of an older build holds it; opening again later may work.
 */
export async function connectDatabase(onLost: (error: FareboxError) => void): Promise<Connection> {
  let ended: FareboxError | null = null;
  let saidWiped = false;
  let live: Promise<Database> | null = null;
  let opened = 0;

  /** Hooks of one opening: what happens to an earlier connection says nothing of the present one. */
  function hooksOfNext(): Hooks {
    opened += 1;
    const number = opened;
    return {
      onSuperseded: () => {
        if (ended !== null) return;
        ended = new FareboxError('store/newer-version');
        onLost(ended);
      },
      onGone: () => {
        if (number === opened) live = null;
      },
    };
  }

  async function reconnect(): Promise<Database> {
    try {
      return await openDatabase('must-exist', hooksOfNext());
    } catch (error) {
      live = null;
      const refused = toStoreError(error);
      if (refused.code === 'store/wiped' && !saidWiped) {
        saidWiped = true;
        onLost(refused);
      }
      throw refused;
    }
  }

  async function runOnce<T>(operation: (database: Database) => Promise<T>): Promise<T> {
    if (ended !== null) throw ended;
    live ??= reconnect();
    return operation(await live);
  }

  const first = await openDatabase('may-create', hooksOfNext()).catch((error: unknown) => {
    throw toStoreError(error);
  });
  live = Promise.resolve(first);
  return {
    run: async (operation) => {
      try {
        return await runOnce(operation).catch((error: unknown) => {
          // The connection has ended and its event is still on the way. No transaction was begun, so that trying again is safe.
          if (!isNamed(error, 'InvalidStateError') || ended !== null) throw error;
          live = null;
          return runOnce(operation);
        });
      } catch (error) {
        throw ended ?? toStoreError(error);
      }
    },
    close: () => {
      ended ??= new FareboxError('store/refused', { reason: 'closed' });
      live?.then(
        (database) => database.close(),
        () => undefined,
      );
    },
  };
}

type Hooks = {
  /** A newer build upgrades the database. */
  onSuperseded(): void;
  /** The connection has ended: the database was deleted, or the browser closed it. */
  onGone(): void;
};

function openDatabase(existence: 'may-create' | 'must-exist', hooks: Hooks): Promise<Database> {
  const opened = Promise.withResolvers<Database>();
  let given = true;
  openDB<ModuleSchema>(DATABASE_NAME, DATABASE_VERSION, {
    upgrade(database, oldVersion, _newVersion, transaction) {
      if (oldVersion === 0 && existence === 'must-exist') {
        transaction.done.catch(() => undefined);
        opened.reject(new FareboxError('store/wiped'));
        transaction.abort();
        return;
      }
      for (const step of STEPS.slice(oldVersion)) step(database);
    },
    blocked: () => {
      given = false;
      opened.reject(new FareboxError('store/refused', { reason: 'blocked' }));
    },
    blocking: (_current, wanted, event) => {
      // Let the other go on: it waits for this connection.
      if (event.target instanceof IDBDatabase) event.target.close();
      if (wanted === null) hooks.onGone();
      else hooks.onSuperseded();
    },
    terminated: hooks.onGone,
  }).then((database) => {
    if (given) opened.resolve(database);
    // It came when nobody waited any more; held open, it would block the next one.
    else database.close();
  }, opened.reject);
  return opened.promise;
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
