// From version 1 to 2: everything is moved over, whole or not at all, and nothing that was altered. The database is a golden one, made by the
// code that wrote version 1.

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test } from 'vitest';
import { equalBytes, toHex } from '../../protocol/bytes.ts';
import { decodeSessionId } from '../../protocol/ids.ts';
import { signerFromCryptoKey } from '../../protocol/suite/signer.ts';
import { webCryptoSuite } from '../../protocol/suite/webcrypto.ts';
import { deriveModuleKeys } from '../keys/root.ts';
import { readRecord } from '../record/read-record.ts';
import { openHeldLeaf, openSessionRow } from '../session/session-codec.ts';
import { readCheckpoint } from './checkpoint.ts';
import { openIndexedDbStore } from './indexed-db.ts';
import { migrateVersion1 } from './migrate-v1.ts';
import type { RecordStore } from './record-store.ts';
import { type Golden1, loadGolden1, migrationOf, slotsOf } from './testing/golden-version-1.ts';
import { makeMemoryRows, makeMemoryStore } from './testing/memory-store.ts';

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

async function keysIn(store: RecordStore) {
  const [slot] = (await store.meta('vault'))?.slots ?? [];
  if (slot?.kind !== 'device') throw new Error('there is no root key');
  return deriveModuleKeys(slot.rootKey);
}

/** Holds a migrated store against what the golden file says was in it. */
async function expectWhole(store: RecordStore, { golden, database }: Golden1): Promise<void> {
  const keys = await keysIn(store);
  const { header, identity } = database;
  expect(await store.version1()).toBeNull();
  expect(await store.meta('header')).toMatchObject({ version: 2, counter: header.counter, head: header.head });
  const kinds: string[] = [];
  let head: Uint8Array = new Uint8Array(32);
  for await (const read of readRecord(store, keys.recordKey, 1)) {
    kinds.push(read.entry.kind);
    head = read.head;
  }
  expect(kinds).toEqual(golden.list('expected.entries'));
  expect(head).toEqual(header.head);

  const kept = await store.meta('identity');
  if (kept?.keys.kind !== 'bound') throw new Error('the keys were not kept');
  expect(kept).toMatchObject({
    moduleId: identity?.moduleId,
    certificate: identity?.certificate,
    epoch: 0,
    pending: null,
  });
  expect(toHex(kept.device)).toBe('0'.repeat(32));
  const message = new Uint8Array([1, 2, 3]);
  const signature = await signerFromCryptoKey(kept.keys.signingKey, kept.signingPublicKey).sign(message);
  expect(await webCryptoSuite.verifyEd25519(kept.signingPublicKey, signature, message)).toBe(true);
  expect(kept.keys.openingKey.extractable).toBe(false);

  for (const before of database.receipts) {
    expect(await store.receipt(before.session)).toEqual({ ...before, version: 2 });
  }
  for (const before of database.sessions) await expectSession(store, before.session, before.state, golden);
  const operations = await Promise.all(
    (['working', 'waiting', 'done', 'failed'] as const).map((status) => store.operations(status, 10)),
  );
  const named = (state: string) => `session/${golden.text(`expected.${state}`)}`;
  expect(operations.map((rows) => rows.map((row) => row.name).sort())).toEqual([
    [named('open'), named('closing')].sort(),
    [named('closed')],
    [named('accepted')],
    [],
  ]);
}

async function expectSession(store: RecordStore, id: string, state: string, golden: Golden1['golden']): Promise<void> {
  const keys = await keysIn(store);
  const session = decodeSessionId(id);
  const row = await store.session(session);
  if (row === null) throw new Error(`session ${id} is gone`);
  const loaded = await openSessionRow(row, keys);
  const shown = golden.list(`expected.shown.${state}`);
  expect(loaded.state).toBe(state);
  expect(loaded.progress.count).toBe(shown.length);
  expect([...loaded.progress.rungs]).toEqual([['video/360p', shown.length]]);
  expect(loaded.progress.firstTime).toBeGreaterThan(golden.time - 60_000);
  expect(loaded.progress.lastTime - loaded.progress.firstTime).toBe(2_000 * (shown.length - 1));
  expect(loaded.secrets === null).toBe(state !== 'open');
  if (loaded.secretsKey === null) return;
  for (const frame of shown) {
    if (typeof frame !== 'number') throw new Error('frames are numbers');
    const held = await store.held(session, frame);
    if (held === null) throw new Error(`the leaf of frame ${frame} is gone`);
    const leaf = await openHeldLeaf(held, frame, loaded.secretsKey);
    expect(equalBytes(leaf, loaded.secrets?.sequence.at(frame + 10) ?? leaf)).toBe(false);
    expect(leaf.length).toBe(32);
  }
  expect(loaded.secrets?.pending.has(4)).toBe(true);
}

function inMemory(golden: Golden1) {
  const rows = makeMemoryRows();
  rows.version1 = structuredClone(golden.database);
  return { rows, store: makeMemoryStore(rows) };
}

describe('BT-7: a database of version 1', () => {
  test('is moved over whole in the browser’s database', async () => {
    const golden = await loadGolden1();
    const store = await openIndexedDbStore();
    expect(await migrateVersion1(migrationOf(store, golden.slotBytes))).toBe(true);
    await expectWhole(store, golden);
    expect(await migrateVersion1(migrationOf(store, golden.slotBytes))).toBe(false);
    store.close();
    const later = await openIndexedDbStore();
    await expectWhole(later, golden);
  });

  test('cut at any store call, on both sides of its effect, is whole in one version or the other, and is moved by the next start', async () => {
    const golden = await loadGolden1();
    for (const side of ['before', 'after'] as const) {
      let cuts = 0;
      for (let call = 1; ; call += 1) {
        const { rows, store } = inMemory(golden);
        store.setFault({ call, side });
        const outcome = await migrateVersion1(migrationOf(store, golden.slotBytes)).catch(() => 'cut');
        if (outcome === true) break;
        cuts += 1;
        const next = makeMemoryStore(rows);
        const isDone = (await next.version1()) === null;
        expect(await migrateVersion1(migrationOf(next, golden.slotBytes))).toBe(!isDone);
        await expectWhole(next, golden);
      }
      expect(cuts).toBe(2);
    }
  });

  test('without room for it stays as it is, and is moved once there is room', async () => {
    const golden = await loadGolden1();
    const { rows, store } = inMemory(golden);
    store.setFull(true);
    await expect(migrateVersion1(migrationOf(store, golden.slotBytes))).rejects.toThrow('store/full');
    expect(rows.version1).toEqual(golden.database);
    store.setFull(false);
    expect(await migrateVersion1(migrationOf(store, golden.slotBytes))).toBe(true);
    await expectWhole(store, golden);
  });

  test('of which another tab was faster is read as that tab left it', async () => {
    const golden = await loadGolden1();
    const { rows, store } = inMemory(golden);
    const late = { ...makeMemoryStore(rows), version1: async () => golden.database };
    await migrateVersion1(migrationOf(store, golden.slotBytes));
    await expect(migrateVersion1(migrationOf(late, golden.slotBytes))).rejects.toThrow('store/conflict');
    await expectWhole(store, golden);
  });

  test('is not read by half: until it is moved nothing else is answered', async () => {
    await loadGolden1();
    const store = await openIndexedDbStore();
    await expect(store.meta('header')).rejects.toMatchObject({ detail: { reason: 'not-migrated' } });
    await expect(store.pages(1, 1)).rejects.toMatchObject({ detail: { reason: 'not-migrated' } });
    await expect(store.sessions(1)).rejects.toMatchObject({ detail: { reason: 'not-migrated' } });
  });

  test('keeps its checkpoint speaking: readable, with its counter', async () => {
    const { slotBytes, database } = await loadGolden1();
    const reading = await readCheckpoint(slotsOf(slotBytes));
    if (reading.state !== 'found') throw new Error('there is a checkpoint');
    expect(reading.newest).toMatchObject({ version: 1, vault: [], counter: database.header.counter });
  });

  describe('is not moved, and not touched', () => {
    const refused = async (
      golden: Golden1,
      change: (database: Golden1['database']) => Golden1['database'],
      code: string,
    ) => {
      const rows = makeMemoryRows();
      const altered = change(structuredClone(golden.database));
      rows.version1 = altered;
      const store = makeMemoryStore(rows);
      await expect(migrateVersion1(migrationOf(store, golden.slotBytes))).rejects.toThrow(code);
      expect(rows.version1).toBe(altered);
      expect(rows.meta.header).toBeNull();
    };
    const flip = (bytes: Uint8Array) =>
      Uint8Array.from(bytes, (byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));

    test('where a page, terms, progress, secrets or a held leaf does not open', async () => {
      const golden = await loadGolden1();
      const alter = <Row extends object>(rows: readonly Row[], at: number, change: (row: Row) => object) =>
        rows.map((row, index) => (index === at ? { ...row, ...change(row) } : row));
      const open = golden.database.sessions.findIndex((row) => row.state === 'open');
      const sealedBy = (part: 'terms' | 'progress' | 'secrets') => (database: Golden1['database']) => ({
        ...database,
        sessions: alter(database.sessions, open, (row) => {
          const sealed = row[part];
          return sealed === null ? {} : { [part]: { ...sealed, sealed: flip(sealed.sealed) } };
        }),
      });
      await refused(golden, sealedBy('terms'), 'store/altered');
      await refused(golden, sealedBy('progress'), 'store/altered');
      await refused(golden, sealedBy('secrets'), 'store/altered');
      await refused(
        golden,
        (all) => ({ ...all, pages: alter(all.pages, 5, (row) => ({ sealed: flip(row.sealed) })) }),
        'store/altered',
      );
      await refused(
        golden,
        (all) => ({ ...all, held: alter(all.held, 1, (row) => ({ sealed: flip(row.sealed) })) }),
        'store/altered',
      );
    });

    test('where an entry is missing, or the header says something else', async () => {
      const golden = await loadGolden1();
      await refused(golden, (all) => ({ ...all, pages: all.pages.filter((_row, at) => at !== 7) }), 'store/altered');
      await refused(golden, (all) => ({ ...all, pages: all.pages.slice(0, -1) }), 'store/altered');
      await refused(
        golden,
        (all) => ({ ...all, header: { ...all.header, head: flip(all.header.head) } }),
        'store/altered',
      );
      await refused(
        golden,
        (all) => ({ ...all, header: { ...all.header, counter: all.header.counter - 1 } }),
        'store/altered',
      );
      await refused(golden, (all) => ({ ...all, recordKey: null }), 'store/altered');
    });

    test('where it was wound back behind its checkpoint', async () => {
      const golden = await loadGolden1();
      const last = golden.database.pages.at(-1);
      if (last === undefined) throw new Error('there are pages');
      const shorter = (all: Golden1['database']) => ({
        ...all,
        pages: all.pages.slice(0, -1),
        header: { ...all.header, counter: last.firstCounter - 1, head: last.previousHead },
      });
      await refused(golden, shorter, 'store/wiped');
    });
  });
});
