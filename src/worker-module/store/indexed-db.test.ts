// The database adapter where the browser does not go along: older and newer builds in other tabs, a full disk, a database that is thrown away
// under a live connection, rows that nobody wrote so.

import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FareboxError } from '../../protocol/errors.ts';
import { DATABASE_NAME, DATABASE_VERSION } from './database.ts';
import { openIndexedDbStore } from './indexed-db.ts';
import type { RecordStore, StoreCommit } from './record-store.ts';
import { ROW_VERSION } from './rows.ts';
import { memberOf } from './shape.ts';
import { allRaw, buildVersion1, closing, openRaw, putRaw, replaceRaw } from './testing/raw-database.ts';
import {
  commitAt,
  heldRow,
  META_ROWS,
  operationRow,
  pageRow,
  receiptRow,
  SESSION,
  sessionRow,
} from './testing/sample-rows.ts';

const EVERYTHING: Partial<StoreCommit> = {
  meta: META_ROWS,
  pages: [pageRow(1, 2)],
  sessions: [sessionRow(SESSION, 1)],
  held: [heldRow(SESSION, 1, [0])],
  receipts: [receiptRow(SESSION, 1)],
  operations: [operationRow('session/1', 'working', 1)],
};

/** Every way in that a caller has, as it is used. */
const USES: Readonly<Record<string, (store: RecordStore) => Promise<unknown>>> = {
  meta: (store) => store.meta('header'),
  revision: (store) => store.revision(),
  version1: (store) => store.version1(),
  pages: (store) => store.pages(1, 10),
  session: (store) => store.session(SESSION),
  sessions: (store) => store.sessions(10),
  held: (store) => store.held(SESSION, 0),
  receipt: (store) => store.receipt(SESSION),
  receipts: (store) => store.receipts(10),
  operations: (store) => store.operations('working', 10),
  commit: (store) => store.commit(commitAt(1)),
};

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});
const mended: (() => void)[] = [];
afterEach(() => {
  for (const mend of mended.splice(0)) mend();
});

async function openFilled(): Promise<{ readonly store: RecordStore; readonly lost: string[] }> {
  const lost: string[] = [];
  const store = await openIndexedDbStore((error) => lost.push(error.code));
  await store.commit(commitAt(0, EVERYTHING));
  return { store, lost };
}

async function expectAll(store: RecordStore, code: string): Promise<void> {
  for (const [name, use] of Object.entries(USES)) await expect(use(store), name).rejects.toThrow(code);
}

describe('BT-7: a database of another build', () => {
  test('newer than this one is left alone, with a code', async () => {
    (await openRaw(99)).close();
    await expect(openIndexedDbStore()).rejects.toThrow('store/newer-version');
    expect(await indexedDB.databases()).toEqual([{ name: DATABASE_NAME, version: 99 }]);
  });

  test('a row of a version that this build does not know stops with a code', async () => {
    const { store } = await openFilled();
    await putRaw('sessions', { ...sessionRow(SESSION, 1), version: ROW_VERSION + 1 });
    await expect(store.session(SESSION)).rejects.toThrow('store/newer-version');
    await expect(store.sessions(10)).rejects.toThrow('store/newer-version');
    await putRaw('meta', { ...commitAt(0).header, version: ROW_VERSION + 1 });
    await expect(store.commit(commitAt(1))).rejects.toThrow('store/newer-version');
  });

  test('an old tab that does not let go is said, and once it is closed the module opens', async () => {
    const old = await openRaw(1, buildVersion1);
    await expect(openIndexedDbStore()).rejects.toMatchObject({ code: 'store/refused', detail: { reason: 'blocked' } });
    await closing(old);
    const store = await openIndexedDbStore();
    expect(await store.commit(commitAt(0))).toBe('committed');
    // The opening that nobody waited for any more holds nothing: a newer build gets its turn.
    (await openRaw(DATABASE_VERSION + 1)).close();
  });

  test('a tab whose database a newer build upgrades lets it, says so, and writes no more', async () => {
    const { store, lost } = await openFilled();
    const newer = await openRaw(DATABASE_VERSION + 1);
    expect(lost).toEqual(['store/newer-version']);
    await expectAll(store, 'store/newer-version');
    newer.close();
  });
});

describe('BT-7: a database that is thrown away under a live connection', () => {
  test('is wiped for every read and write, is said once, and is not made anew', async () => {
    const { store, lost } = await openFilled();
    await deleteDatabase();
    await expectAll(store, 'store/wiped');
    expect(lost).toEqual(['store/wiped']);
    expect(await indexedDB.databases()).toEqual([]);
  });

  test('and put anew by another tab is read again, with its own revision', async () => {
    const { store } = await openFilled();
    await deleteDatabase();
    const other = await openIndexedDbStore();
    await other.commit(commitAt(0, { header: { ...commitAt(0).header, revision: 77 } }));
    expect(await store.revision()).toBe(77);
    expect(await store.commit(commitAt(1, EVERYTHING))).toBe('moved');
  });

  test('whose connection alone the browser has ended goes on where it was', async () => {
    const opened: IDBDatabase[] = [];
    const { transaction } = IDBDatabase.prototype;
    patch(IDBDatabase.prototype, 'transaction', function (this: IDBDatabase, ...given: Parameters<typeof transaction>) {
      opened.push(this);
      return transaction.apply(this, given);
    });
    const { store, lost } = await openFilled();
    for (const database of new Set(opened.splice(0))) Reflect.apply(forceCloseDatabase, null, [database]);
    expect(await store.pages(1, 10)).toHaveLength(1);
    expect(await store.commit(commitAt(1))).toBe('committed');
    expect(lost).toEqual([]);
  });
});

test('BT-7: a store that was put away opens nothing again', async () => {
  const store = await openIndexedDbStore();
  await store.commit(commitAt(0, EVERYTHING));
  store.close();
  await expectAll(store, 'store/refused');
});

describe('BT-7: a commit', () => {
  test('is strictly durable, always', async () => {
    const asked: unknown[] = [];
    const { transaction } = IDBDatabase.prototype;
    patch(IDBDatabase.prototype, 'transaction', function (this: IDBDatabase, ...given: Parameters<typeof transaction>) {
      const [, mode, options] = given;
      if (mode === 'readwrite') asked.push(options?.durability);
      return transaction.apply(this, given);
    });
    const { store } = await openFilled();
    await store.commit(commitAt(1));
    await store.commit(commitAt(2, { reset: true }));
    expect(asked).toEqual(['strict', 'strict', 'strict']);
  });

  test('without room at the end is store/full, and nothing of it is written', async () => {
    const { store } = await openFilled();
    const { commit } = IDBTransaction.prototype;
    patch(IDBTransaction.prototype, 'commit', function (this: IDBTransaction) {
      if (this.mode === 'readwrite') Reflect.apply(Reflect.get(this, '_abort'), this, ['QuotaExceededError']);
      else commit.call(this);
    });
    await expect(store.commit(commitAt(1, { ...EVERYTHING, pages: [pageRow(3, 1)] }))).rejects.toThrow('store/full');
    expect(await store.revision()).toBe(1);
    expect(await store.pages(1, 10)).toEqual([pageRow(1, 2)]);
  });

  test('whose k-th row cannot be written leaves nothing behind, for every k', async () => {
    const changed: Partial<StoreCommit> = {
      ...EVERYTHING,
      ...{ pages: [pageRow(3, 1)], releasedSessions: [SESSION], held: [heldRow(SESSION, 3, [1])] },
      sessions: [{ ...sessionRow(SESSION, 1), state: 'closing' }],
    };
    let failures = 0;
    for (let at = 1; ; at += 1) {
      globalThis.indexedDB = new IDBFactory();
      const { store } = await openFilled();
      let writes = 0;
      for (const name of ['put', 'add', 'delete', 'clear'] as const) {
        const original: (...given: never[]) => IDBRequest = IDBObjectStore.prototype[name];
        patch(IDBObjectStore.prototype, name, function (this: IDBObjectStore, ...given: never[]) {
          writes += 1;
          if (writes === at) throw new DOMException('no room', 'QuotaExceededError');
          return original.apply(this, given);
        });
      }
      const outcome = await store.commit(commitAt(1, changed)).catch((error: unknown) => error);
      for (const mend of mended.splice(0)) mend();
      if (outcome === 'committed') break;
      failures += 1;
      expect(outcome).toBeInstanceOf(FareboxError);
      expect(outcome).toMatchObject({ code: 'store/full' });
      expect(await store.revision()).toBe(1);
      expect(await store.pages(1, 10)).toEqual([pageRow(1, 2)]);
      expect((await store.session(SESSION))?.state).toBe('open');
      expect((await store.held(SESSION, 0))?.pageCounter).toBe(1);
      expect(await store.commit(commitAt(1, changed))).toBe('committed');
    }
    expect(failures).toBe(14);
  });

  test('of a tab that slept through others is not written', async () => {
    const { store } = await openFilled();
    const other = await openIndexedDbStore();
    await other.commit(commitAt(1, { sessions: [{ ...sessionRow(SESSION, 1), state: 'closing' }] }));
    expect(await store.commit(commitAt(1, { sessions: [sessionRow(SESSION, 1)] }))).toBe('moved');
    expect((await store.session(SESSION))?.state).toBe('closing');
  });
});

/** Every row that `openFilled` makes, how it is read, and what must not be believed then. */
const READS: Readonly<Record<string, readonly ((store: RecordStore) => Promise<unknown>)[]>> = {
  meta: (['header', 'vault', 'identity', 'settings', 'backup', 'standing', 'restore'] as const).map(
    (name) => (store: RecordStore) => store.meta(name),
  ),
  pages: [(store) => store.pages(1, 10)],
  sessions: [(store) => store.session(SESSION), (store) => store.sessions(10)],
  held: [(store) => store.held(SESSION, 0)],
  receipts: [(store) => store.receipt(SESSION), (store) => store.receipts(10)],
  operations: [(store) => store.operations('working', 10), (store) => store.operations('waiting', 10)],
};

/** Changes the value at `path` a little, and keeps its kind: a bit has turned. */
function turnBit(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return Uint8Array.from(value, (byte, at) => (at === value.length - 1 ? byte ^ 1 : byte));
  if (typeof value === 'number') return value ^ 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string')
    return `${value.slice(0, -1)}${String.fromCharCode(value.charCodeAt(value.length - 1) ^ 1)}`;
  return value === null ? 0 : null;
}

/** The row with one bit turned, once for every leaf in it. */
function* alterations(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) {
    yield turnBit(value);
  } else if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) for (const other of alterations(item)) yield value.with(at, other);
  } else {
    for (const [name, member] of Object.entries(value)) {
      for (const other of alterations(member)) yield { ...value, [name]: other };
    }
  }
}

describe('BT-7: a row in which a bit has turned', () => {
  for (const [name, reads] of Object.entries(READS)) {
    test(`of ${name} is store/altered for whoever reads it, whichever bit it is, and never another answer`, async () => {
      const { store } = await openFilled();
      const answers = await Promise.all(reads.map((read) => read(store)));
      let altered = 0;
      for (const row of await allRaw(name)) {
        for (const other of alterations(row)) {
          await replaceRaw(name, row, other);
          const outcomes = await Promise.all(reads.map((read) => read(store).catch((error: unknown) => error)));
          const codes = outcomes.map((outcome) => (outcome instanceof FareboxError ? outcome.code : null));
          // Under another key it is not found; every other reading names it.
          for (const [at, outcome] of outcomes.entries()) {
            if (codes[at] === null) expect([null, [], answers[at]]).toContainEqual(outcome);
          }
          expect(['store/altered', 'store/newer-version', 'store/refused', null]).toEqual(
            expect.arrayContaining(codes),
          );
          if (codes.includes('store/altered')) altered += 1;
          await replaceRaw(name, other, row);
        }
      }
      expect(altered).toBeGreaterThan(4);
      expect(await Promise.all(reads.map((read) => read(store)))).toEqual(answers);
    });
  }
});

test('BT-7: nothing is committed onto a header in which a bit has turned, but a reset takes its place', async () => {
  const { store } = await openFilled();
  const header = (await allRaw('meta')).find((row) => memberOf(row, 'name') === 'header');
  await putRaw('meta', { ...commitAt(0).header, counter: 1, sum: memberOf(header, 'sum') });
  await expect(store.commit(commitAt(1))).rejects.toThrow('store/altered');
  expect(await store.commit(commitAt(1, { reset: true }))).toBe('committed');
  expect((await store.meta('header'))?.revision).toBe(2);
  await putRaw('meta', { name: 'header', version: ROW_VERSION, revision: 'two' });
  expect(await store.revision()).toBeNull();
  await expect(store.commit(commitAt(0))).rejects.toThrow('store/altered');
  expect(await store.commit(commitAt(0, { reset: true }))).toBe('committed');
});

function patch<Owner extends object, Name extends keyof Owner>(owner: Owner, name: Name, replacement: unknown): void {
  const original = owner[name];
  Reflect.set(owner, name, replacement);
  mended.push(() => Reflect.set(owner, name, original));
}

function deleteDatabase(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(DATABASE_NAME);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
}
