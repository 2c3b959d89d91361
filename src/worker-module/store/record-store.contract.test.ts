// The contract of RecordStore, passed by the database adapter (over fake-indexeddb) and by the in-memory one alike.

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, describe, expect, test } from 'vitest';
import { decodeSessionId, type SessionId } from '../../protocol/ids.ts';
import { openIndexedDbStore } from './indexed-db.ts';
import type { RecordStore, StoreCommit } from './record-store.ts';
import { type HeldRow, heldFrameName, type PageRow, type ReceiptRow, ROW_VERSION, type SessionRow } from './rows.ts';
import { makeSealingKey } from './sealing.ts';
import { makeMemoryStore } from './testing/memory-store.ts';

const SESSION = decodeSessionId('0123456789abcdef0123456789abcdef');
const OTHER = decodeSessionId('fedcba9876543210fedcba9876543210');
const sealed = { nonce: new Uint8Array(12), sealed: new Uint8Array([1, 2, 3]) };

function commitAt(revision: number, more: Partial<StoreCommit> = {}): StoreCommit {
  return {
    expectedRevision: revision === 0 ? null : revision,
    header: {
      name: 'header',
      version: ROW_VERSION,
      revision: revision + 1,
      counter: revision,
      head: new Uint8Array(32),
    },
    sessions: [],
    held: [],
    releasedSessions: [],
    receipts: [],
    ...more,
  };
}

function page(firstCounter: number, count: number): PageRow {
  return { firstCounter, version: ROW_VERSION, count, previousHead: new Uint8Array(32), ...sealed };
}

function sessionRow(session: SessionId, openedTime: number): SessionRow {
  const bytes = new Uint8Array([7]);
  return {
    ...{ session, version: ROW_VERSION, state: 'open', openedTime, openedCounter: 1, programme: bytes, grant: bytes },
    ...{ providerCertificate: bytes, terms: sealed, progress: sealed, secrets: null, secretsKey: null },
  };
}

function held(session: SessionId, pageCounter: number, frames: readonly number[]): HeldRow {
  const frameNames = frames.map((frame) => heldFrameName(session, frame));
  return { session, pageCounter, version: ROW_VERSION, frameNames, ...sealed };
}

function receipt(session: SessionId, closedTime: number): ReceiptRow {
  const bytes = new Uint8Array([9]);
  return { session, version: ROW_VERSION, closedTime, receipt: bytes, certificate: bytes, acknowledgement: null };
}

const ADAPTERS: Readonly<Record<string, () => Promise<RecordStore>>> = {
  'in memory': async () => makeMemoryStore(),
  'in IndexedDB': async () => {
    globalThis.indexedDB = new IDBFactory();
    return openIndexedDbStore();
  },
};

for (const [name, open] of Object.entries(ADAPTERS)) {
  describe(`BT-7: the store ${name}`, () => {
    test('holds nothing at first', async () => {
      const store = await open();
      expect(await store.header()).toBeNull();
      expect(await store.recordKey()).toBeNull();
      expect(await store.identity()).toBeNull();
      expect(await store.pages(1, 10)).toEqual([]);
      expect(await store.session(SESSION)).toBeNull();
      expect(await store.sessions(10)).toEqual([]);
      expect(await store.held(SESSION, 0)).toBeNull();
      expect(await store.receipt(SESSION)).toBeNull();
      expect(await store.receipts(10)).toEqual([]);
    });

    test('keeps a commit whole, keys that cannot be extracted included', async () => {
      const store = await open();
      const sealingKey = await makeSealingKey();
      const recordKey = { name: 'record-key', version: ROW_VERSION, sealingKey } as const;
      expect(await store.commit(commitAt(0, { recordKey, page: page(1, 2) }))).toBe('committed');
      const kept = await store.recordKey();
      expect(kept?.sealingKey.extractable).toBe(false);
      expect((await store.header())?.revision).toBe(1);
      expect(await store.pages(1, 10)).toEqual([page(1, 2)]);
    });

    test('a commit that another writer has overtaken changes nothing', async () => {
      const store = await open();
      await store.commit(commitAt(0));
      expect(await store.commit(commitAt(0, { page: page(1, 1) }))).toBe('moved');
      expect(await store.commit(commitAt(2, { receipts: [receipt(SESSION, 1)] }))).toBe('moved');
      expect(await store.pages(1, 10)).toEqual([]);
      expect(await store.receipt(SESSION)).toBeNull();
      expect((await store.header())?.revision).toBe(1);
    });

    test('a page is never written over, and a commit that tries changes nothing', async () => {
      const store = await open();
      await store.commit(commitAt(0, { page: page(1, 2) }));
      const again = commitAt(1, { page: { ...page(1, 1) }, sessions: [sessionRow(SESSION, 1)] });
      await expect(store.commit(again)).rejects.toThrow('store/refused');
      expect(await store.pages(1, 10)).toEqual([page(1, 2)]);
      expect(await store.session(SESSION)).toBeNull();
      expect((await store.header())?.revision).toBe(1);
    });

    test('pages come in order from the one that holds the entry, as many as asked', async () => {
      const store = await open();
      for (const [at, first] of [1, 4, 9, 10].entries()) await store.commit(commitAt(at, { page: page(first, 1) }));
      const firsts = async (from: number, limit: number) =>
        (await store.pages(from, limit)).map((row) => row.firstCounter);
      expect(await firsts(1, 10)).toEqual([1, 4, 9, 10]);
      expect(await firsts(5, 2)).toEqual([4, 9]);
      expect(await firsts(9, 10)).toEqual([9, 10]);
      expect(await firsts(99, 10)).toEqual([10]);
    });

    test('sessions and receipts come newest first, as many as asked', async () => {
      const store = await open();
      const sessions = [sessionRow(SESSION, 5), sessionRow(OTHER, 6)];
      await store.commit(commitAt(0, { sessions, receipts: [receipt(OTHER, 1), receipt(SESSION, 2)] }));
      expect((await store.sessions(10)).map((row) => row.session)).toEqual([OTHER, SESSION]);
      expect((await store.sessions(1)).map((row) => row.session)).toEqual([OTHER]);
      expect((await store.receipts(10)).map((row) => row.session)).toEqual([SESSION, OTHER]);
      expect((await store.receipts(1)).map((row) => row.session)).toEqual([SESSION]);
    });

    test('held leaves are found by session and frame, and erased for one session alone', async () => {
      const store = await open();
      await store.commit(commitAt(0, { held: [held(SESSION, 3, [1, 2]), held(SESSION, 7, [5]), held(OTHER, 3, [2])] }));
      expect((await store.held(SESSION, 2))?.pageCounter).toBe(3);
      expect((await store.held(SESSION, 5))?.pageCounter).toBe(7);
      expect(await store.held(SESSION, 3)).toBeNull();
      await store.commit(commitAt(1, { releasedSessions: [SESSION] }));
      expect(await store.held(SESSION, 2)).toBeNull();
      expect(await store.held(SESSION, 5)).toBeNull();
      expect((await store.held(OTHER, 2))?.session).toBe(OTHER);
    });

    test('what was given and what is read are copies: changing one changes nothing stored', async () => {
      const store = await open();
      const given = page(1, 1);
      await store.commit(commitAt(0, { page: given }));
      given.sealed.fill(0);
      const [read] = await store.pages(1, 1);
      read?.sealed.fill(0);
      expect((await store.pages(1, 1))[0]?.sealed).toEqual(new Uint8Array([1, 2, 3]));
      given.sealed.set([1, 2, 3]);
    });
  });
}

describe('the database', () => {
  afterEach(() => {
    globalThis.indexedDB = new IDBFactory();
  });

  test('of a newer build is left alone, with a code', async () => {
    globalThis.indexedDB = new IDBFactory();
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.open('farebox-module', 99);
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
      request.onerror = () => reject(request.error);
    });
    await expect(openIndexedDbStore()).rejects.toThrow('store/newer-version');
  });

  test('with a row of a version that this build does not know stops with a code', async () => {
    globalThis.indexedDB = new IDBFactory();
    const store = await openIndexedDbStore();
    await store.commit(commitAt(0, { sessions: [{ ...sessionRow(SESSION, 1), version: ROW_VERSION + 1 }] }));
    await expect(store.session(SESSION)).rejects.toThrow('store/newer-version');
    await expect(store.sessions(10)).rejects.toThrow('store/newer-version');
  });

  test('writes every commit with strict durability', async () => {
    globalThis.indexedDB = new IDBFactory();
    const store = await openIndexedDbStore();
    const asked: unknown[] = [];
    const original = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (names, mode, options) {
      if (mode === 'readwrite') asked.push(options?.durability);
      return original.call(this, names, mode, options);
    };
    try {
      await store.commit(commitAt(0));
      await store.commit(commitAt(1));
    } finally {
      IDBDatabase.prototype.transaction = original;
    }
    expect(asked).toEqual(['strict', 'strict']);
  });
});
