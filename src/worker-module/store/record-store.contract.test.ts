// The contract of RecordStore, passed by the database adapter (over fake-indexeddb) and by the in-memory one alike.

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, test } from 'vitest';
import { openIndexedDbStore } from './indexed-db.ts';
import type { RecordStore } from './record-store.ts';
import type { MetaName, OperationStatus } from './rows.ts';
import { makeSealingKey } from './testing/make-sealing-key.ts';
import { makeMemoryStore } from './testing/memory-store.ts';
import {
  commitAt,
  heldRow,
  META_ROWS,
  OTHER,
  operationRow,
  pageRow,
  receiptRow,
  SESSION,
  sessionRow,
} from './testing/sample-rows.ts';

const ADAPTERS: Readonly<Record<string, () => Promise<RecordStore>>> = {
  'in memory': async () => makeMemoryStore(),
  'in IndexedDB': async () => {
    globalThis.indexedDB = new IDBFactory();
    return openIndexedDbStore();
  },
};
const META_NAMES: readonly MetaName[] = ['header', 'vault', 'identity', 'settings', 'backup', 'standing', 'restore'];
const STATUSES: readonly OperationStatus[] = ['working', 'waiting', 'needs-you', 'done', 'failed'];

async function expectEmptyBut(store: RecordStore, kept: readonly MetaName[] = []): Promise<void> {
  for (const name of META_NAMES) expect(((await store.meta(name)) !== null) === kept.includes(name)).toBe(true);
  expect(await store.pages(1, 10)).toEqual([]);
  expect(await store.session(SESSION)).toBeNull();
  expect(await store.sessions(10)).toEqual([]);
  expect(await store.held(SESSION, 0)).toBeNull();
  expect(await store.receipt(SESSION)).toBeNull();
  expect(await store.receipts(10)).toEqual([]);
  for (const status of STATUSES) expect(await store.operations(status, 10)).toEqual([]);
}

for (const [name, open] of Object.entries(ADAPTERS)) {
  describe(`BT-7: the store ${name}`, () => {
    test('holds nothing at first', async () => {
      const store = await open();
      expect(await store.revision()).toBeNull();
      expect(await store.version1()).toBeNull();
      await expectEmptyBut(store);
    });

    test('keeps a commit whole', async () => {
      const store = await open();
      expect(await store.commit(commitAt(0, { meta: META_ROWS, pages: [pageRow(1, 2), pageRow(3, 1)] }))).toBe(
        'committed',
      );
      expect(await store.revision()).toBe(1);
      for (const row of META_ROWS) expect(await store.meta(row.name)).toEqual(row);
      expect(await store.pages(1, 10)).toEqual([pageRow(1, 2), pageRow(3, 1)]);
    });

    test('keeps keys that cannot be extracted', async () => {
      const store = await open();
      const [, identity] = META_ROWS;
      const key = await makeSealingKey();
      const bound = { ...identity, keys: { kind: 'bound', signingKey: key, openingKey: key } as const };
      await store.commit(commitAt(0, { meta: [bound] }));
      const kept = await store.meta('identity');
      if (kept?.keys.kind !== 'bound') throw new Error('the keys were not kept');
      expect(kept.keys.signingKey.extractable).toBe(false);
    });

    test('replaces a row of which there is one, and removes it', async () => {
      const store = await open();
      const [vault, , settings] = META_ROWS;
      await store.commit(commitAt(0, { meta: [vault, settings] }));
      await store.commit(commitAt(1, { meta: [{ ...settings, allowanceMinor: 7 }], removedMeta: ['vault'] }));
      expect(await store.meta('vault')).toBeNull();
      expect((await store.meta('settings'))?.allowanceMinor).toBe(7);
    });

    test('a commit that another writer has overtaken changes nothing', async () => {
      const store = await open();
      await store.commit(commitAt(0));
      expect(await store.commit(commitAt(0, { pages: [pageRow(1, 1)] }))).toBe('moved');
      expect(await store.commit(commitAt(2, { receipts: [receiptRow(SESSION, 1)] }))).toBe('moved');
      expect(await store.commit(commitAt(2, { reset: true }))).toBe('moved');
      await expectEmptyBut(store, ['header']);
      expect(await store.revision()).toBe(1);
    });

    test('a page is never written over, and a commit that tries changes nothing', async () => {
      const store = await open();
      await store.commit(commitAt(0, { pages: [pageRow(1, 2)] }));
      const again = commitAt(1, { pages: [pageRow(1, 1)], sessions: [sessionRow(SESSION, 1)], meta: META_ROWS });
      await expect(store.commit(again)).rejects.toThrow('store/refused');
      expect(await store.pages(1, 10)).toEqual([pageRow(1, 2)]);
      expect(await store.session(SESSION)).toBeNull();
      expect(await store.meta('vault')).toBeNull();
      expect(await store.revision()).toBe(1);
    });

    test('a reset removes everything and writes its own rows, in one step', async () => {
      const store = await open();
      const operations = [operationRow('epoch', 'working', 1)];
      const filled = { sessions: [sessionRow(SESSION, 1)], held: [heldRow(SESSION, 1, [0])], operations };
      await store.commit(
        commitAt(0, { ...filled, meta: META_ROWS, pages: [pageRow(1, 2)], receipts: [receiptRow(SESSION, 1)] }),
      );
      const [vault] = META_ROWS;
      const reset = { reset: true, meta: [vault], pages: [pageRow(1, 1)], sessions: [sessionRow(OTHER, 2)] };
      expect(await store.commit(commitAt(1, reset))).toBe('committed');
      expect(await store.pages(1, 10)).toEqual([pageRow(1, 1)]);
      expect((await store.sessions(10)).map((row) => row.session)).toEqual([OTHER]);
      expect(await store.meta('vault')).toEqual(vault);
      expect(await store.revision()).toBe(2);
      expect(await store.commit(commitAt(2, { reset: true }))).toBe('committed');
      await expectEmptyBut(store, ['header']);
      expect(await store.revision()).toBe(3);
    });

    test('a reset founds an empty database, too', async () => {
      const store = await open();
      expect(await store.commit(commitAt(0, { reset: true, pages: [pageRow(1, 1)] }))).toBe('committed');
      expect(await store.revision()).toBe(1);
    });

    test('operations are found by their status alone, the oldest change first, as many as asked', async () => {
      const store = await open();
      const rows = [operationRow('a', 'waiting', 5), operationRow('b', 'waiting', 3), operationRow('c', 'working', 4)];
      await store.commit(commitAt(0, { operations: rows }));
      const names = async (status: OperationStatus, limit: number) =>
        (await store.operations(status, limit)).map((row) => row.name);
      expect(await names('waiting', 10)).toEqual(['b', 'a']);
      expect(await names('waiting', 1)).toEqual(['b']);
      expect(await names('done', 10)).toEqual([]);
      await store.commit(commitAt(1, { operations: [operationRow('b', 'done', 9)] }));
      expect(await names('waiting', 10)).toEqual(['a']);
      expect(await names('done', 10)).toEqual(['b']);
    });

    test('pages come in order from the one that holds the entry, as many as asked', async () => {
      const store = await open();
      for (const [at, first] of [1, 4, 9, 10].entries())
        await store.commit(commitAt(at, { pages: [pageRow(first, 1)] }));
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
      await store.commit(commitAt(0, { sessions, receipts: [receiptRow(OTHER, 1), receiptRow(SESSION, 2)] }));
      expect((await store.sessions(10)).map((row) => row.session)).toEqual([OTHER, SESSION]);
      expect((await store.sessions(1)).map((row) => row.session)).toEqual([OTHER]);
      expect((await store.receipts(10)).map((row) => row.session)).toEqual([SESSION, OTHER]);
      expect((await store.receipts(1)).map((row) => row.session)).toEqual([SESSION]);
    });

    test('held leaves are found by session and frame, and erased for one session alone', async () => {
      const store = await open();
      const held = [heldRow(SESSION, 3, [1, 2]), heldRow(SESSION, 7, [5]), heldRow(OTHER, 3, [2])];
      await store.commit(commitAt(0, { held }));
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
      const given = pageRow(1, 1);
      await store.commit(commitAt(0, { pages: [given] }));
      given.sealed.fill(0);
      const [read] = await store.pages(1, 1);
      read?.sealed.fill(0);
      expect((await store.pages(1, 1))[0]?.sealed).toEqual(new Uint8Array([1, 2, 3]));
    });
  });
}
