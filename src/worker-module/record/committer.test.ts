// The committer where tabs meet: a tab that was frozen in the middle of a commit, a store that was thrown away or put anew under its hands, and
// the rows of which there is one. Over the store in memory and over the browser's database alike.

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, test } from 'vitest';
import { FareboxError } from '../../protocol/errors.ts';
import { firstHead } from '../../protocol/record-entry.ts';
import type { ModuleKeys } from '../core.ts';
import { deriveModuleKeys, makeRootKey } from '../keys/root.ts';
import { DATABASE_NAME } from '../store/database.ts';
import { firstRevision } from '../store/generation.ts';
import { openIndexedDbStore } from '../store/indexed-db.ts';
import type { RecordStore, StoreCommit } from '../store/record-store.ts';
import { ROW_VERSION } from '../store/rows.ts';
import { makeMemoryLocks } from '../store/testing/memory-locks.ts';
import { clearMemoryRows, makeMemoryRows, makeMemoryStore } from '../store/testing/memory-store.ts';
import { META_ROWS, operationRow } from '../store/testing/sample-rows.ts';
import { randomBytes } from '../testing/random.ts';
import { makeTestClock } from '../testing/test-clock.ts';
import { type Committer, makeCommitter } from './committer.ts';
import type { CommitDraft } from './draft.ts';
import { readHeadAt, readRecord } from './read-record.ts';
import { replaceStore } from './replace-store.ts';

/** A browser: tabs connect to its storage, and it may throw that away. */
type Storage = { connect(): Promise<RecordStore>; throwAway(): Promise<void> };

const STORAGES: Readonly<Record<string, () => Storage>> = {
  'in memory': () => {
    const rows = makeMemoryRows();
    return { connect: async () => makeMemoryStore(rows), throwAway: async () => clearMemoryRows(rows) };
  },
  'in IndexedDB': () => {
    globalThis.indexedDB = new IDBFactory();
    return { connect: () => openIndexedDbStore(), throwAway: deleteDatabase };
  },
};

type Tab = { readonly store: RecordStore; readonly committer: Committer; readonly errors: string[] };

/** What a tab does to the record: one entry that says nothing but that it is there. */
const addEntry = { sessions: [], apply: (draft: CommitDraft) => draft.append({ kind: 'alarm', code: 'store/wiped' }) };

function rowsAnew(): Omit<StoreCommit, 'expectedRevision' | 'reset'> {
  return {
    header: { name: 'header', version: ROW_VERSION, revision: 0, counter: 0, head: firstHead() },
    ...{ meta: [], removedMeta: [], pages: [], sessions: [], held: [], releasedSessions: [], receipts: [] },
    operations: [],
  };
}

for (const [name, makeStorage] of Object.entries(STORAGES)) {
  const setUp = async () => {
    const storage = makeStorage();
    const locks = makeMemoryLocks();
    const keys = await deriveModuleKeys(makeRootKey(randomBytes));
    const founding = { ...rowsAnew(), expectedRevision: null, reset: false };
    const header = { ...founding.header, revision: firstRevision(randomBytes) };
    await (await storage.connect()).commit({ ...founding, header });
    const openTab = async (own: ModuleKeys = keys): Promise<Tab> => {
      const store = await storage.connect();
      const errors: string[] = [];
      const committer = makeCommitter({
        ...{ store, locks, clock: makeTestClock(), random: randomBytes, keys: own },
        refusal: () => null,
        onDurable: () => undefined,
        onStoreError: (error) => errors.push(error.code),
      });
      return { store, committer, errors };
    };
    const countEntries = async (tab: Tab) => {
      let entries = 0;
      for await (const _read of readRecord(tab.store, keys.recordKey, 1)) entries += 1;
      return entries;
    };
    return { storage, locks, keys, openTab, countEntries };
  };

  describe(`BT-7: the committer over the store ${name}`, () => {
    test('of a tab that was frozen in a commit and wakes without its lock writes on top of what came meanwhile, never over it', async () => {
      const { locks, openTab, countEntries } = await setUp();
      const [sleeper, other] = [await openTab(), await openTab()];
      await sleeper.committer.commit(addEntry);
      const { commit } = sleeper.store;
      const asleep = Promise.withResolvers<void>();
      const wake = Promise.withResolvers<void>();
      let tried = 0;
      sleeper.store.commit = async (rows) => {
        tried += 1;
        if (tried > 1) return commit(rows);
        asleep.resolve();
        await wake.promise;
        return commit(rows);
      };
      const waking = sleeper.committer.commit(addEntry);
      await asleep.promise;
      // The browser has taken the frozen tab's lock away.
      locks.breakLocks();
      for (let more = 0; more < 3; more += 1) await other.committer.commit(addEntry);
      wake.resolve();
      expect(await waking).toBe(5);
      expect(tried).toBe(2);
      expect(await countEntries(other)).toBe(5);
    });

    test('of a tab that wakes with an old revision forgets what it knew', async () => {
      const { openTab } = await setUp();
      const [sleeper, other] = [await openTab(), await openTab()];
      const [, , settings] = META_ROWS;
      await sleeper.committer.commit({ sessions: [], apply: (draft) => draft.putMeta(settings) });
      await other.committer.commit({
        sessions: [],
        apply: (draft) => draft.putMeta({ ...settings, allowanceMinor: 7 }),
      });
      const seen = await sleeper.committer.commit({
        sessions: [],
        apply: (draft) => {
          const { allowanceMinor } = draft.meta('settings') ?? settings;
          draft.append({ kind: 'alarm', code: 'store/wiped' });
          return allowanceMinor;
        },
      });
      expect(seen).toBe(7);
    });

    test('on a store that was thrown away says so, and founds nothing', async () => {
      const { storage, openTab } = await setUp();
      const tab = await openTab();
      await tab.committer.commit(addEntry);
      await storage.throwAway();
      await expect(tab.committer.commit(addEntry)).rejects.toThrow('store/wiped');
      await expect(tab.committer.commit(addEntry)).rejects.toThrow('store/wiped');
      expect(tab.errors).toEqual(['store/wiped', 'store/wiped']);
      const after = await storage.connect();
      expect(await after.revision()).toBeNull();
    });

    test('of a tab that knew the store before it was put anew writes nothing into the new one', async () => {
      const { openTab } = await setUp();
      const [sleeper, other, fresh] = [await openTab(), await openTab(), await openTab()];
      await sleeper.committer.commit(addEntry);
      await other.committer.replaceAll(async (header) => {
        expect(header?.counter).toBe(1);
        return rowsAnew();
      });
      await expect(sleeper.committer.commit(addEntry)).rejects.toThrow('store/replaced');
      await expect(sleeper.committer.commit(addEntry)).rejects.toThrow('store/replaced');
      expect(sleeper.errors).toContain('store/replaced');
      expect(await other.committer.commit(addEntry)).toBe(1);
      expect(await fresh.committer.commit(addEntry)).toBe(2);
    });

    test('replaces everything or nothing, and each time in a generation that was not there before', async () => {
      const { locks, openTab, storage } = await setUp();
      const tab = await openTab();
      const [vault, identity] = META_ROWS;
      await tab.committer.commit({ sessions: [], apply: (draft) => draft.putMeta(identity) });
      const failing = tab.committer.replaceAll(async () => {
        throw new FareboxError('backup/malformed');
      });
      await expect(failing).rejects.toThrow('backup/malformed');
      expect(await tab.store.meta('identity')).toEqual(identity);
      const revisions = [await tab.store.revision()];
      for (let more = 0; more < 3; more += 1) {
        await tab.committer.replaceAll(async () => ({ ...rowsAnew(), meta: [vault] }));
        revisions.push(await tab.store.revision());
      }
      expect(await tab.store.meta('identity')).toBeNull();
      expect(revisions.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual(revisions);
      expect(new Set(revisions.map((revision) => Math.floor((revision ?? 0) / 2 ** 30))).size).toBe(4);
      await storage.throwAway();
      const parts = { store: await storage.connect(), locks, clock: makeTestClock(), random: randomBytes };
      const header = await replaceStore(parts, async () => rowsAnew());
      expect(await parts.store.revision()).toBe(header.revision);
    });

    test('keeps, replaces and removes rows of which there is one, in the same transaction as the entry', async () => {
      const { openTab } = await setUp();
      const tab = await openTab();
      const [vault, , settings] = META_ROWS;
      await tab.committer.commit({
        sessions: [],
        apply: (draft) => {
          expect(draft.meta('vault')).toBeNull();
          draft.putMeta(vault);
          draft.putMeta(settings);
          expect(draft.meta('vault')).toEqual(vault);
          draft.removeMeta('settings');
          draft.append({ kind: 'alarm', code: 'store/wiped' });
        },
      });
      expect(await tab.store.meta('vault')).toEqual(vault);
      expect(await tab.store.meta('settings')).toBeNull();
      const refused = tab.committer.commit({
        sessions: [],
        apply: () => {
          throw new FareboxError('lock/wrong');
        },
      });
      await expect(refused).rejects.toThrow('lock/wrong');
      const other = await openTab();
      expect(await other.committer.commit({ sessions: [], apply: (draft) => draft.meta('vault') })).toEqual(vault);
      expect((await tab.store.meta('header'))?.counter).toBe(1);
    });

    test('keeps operations that a duty puts by hand', async () => {
      const { openTab } = await setUp();
      const tab = await openTab();
      const row = operationRow('epoch', 'needs-you', 5);
      await tab.committer.commit({ sessions: [], apply: (draft) => draft.putOperation(row) });
      expect(await tab.store.operations('needs-you', 10)).toEqual([row]);
      expect((await tab.store.meta('header'))?.counter).toBe(0);
    });

    test('leaves a record whose head after any entry is found in one page', async () => {
      const { keys, openTab } = await setUp();
      const tab = await openTab();
      await Promise.all(Array.from({ length: 5 }, () => tab.committer.commit(addEntry)));
      await tab.committer.commit(addEntry);
      const heads: Uint8Array[] = [];
      for await (const { head } of readRecord(tab.store, keys.recordKey, 1)) heads.push(head);
      for (const [at, head] of heads.entries()) {
        expect(await readHeadAt(tab.store, keys.recordKey, at + 1)).toEqual(head);
      }
      expect(await readHeadAt(tab.store, keys.recordKey, 0)).toEqual(firstHead());
      expect(await readHeadAt(tab.store, keys.recordKey, 7)).toBeNull();
    });
  });
}

function deleteDatabase(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(DATABASE_NAME);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
}
