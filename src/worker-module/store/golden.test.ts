// Golden databases opened by a whole module, behind its gate: what an earlier version left is there, goes on, and is paid for.

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test } from 'vitest';
import { verifyCertificate } from '../../protocol/certificate.ts';
import { decodeSessionId } from '../../protocol/ids.ts';
import { verifyReceipt } from '../../protocol/receipt.ts';
import { decodeReceiptFile } from '../../protocol/receipt-file.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import { webCryptoSuite } from '../../protocol/suite/webcrypto.ts';
import { expectValue, makeTestBrowser, openTab, showFrame } from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { readCheckpoint } from './checkpoint.ts';
import { openIndexedDbStore } from './indexed-db.ts';
import { goldenParts, goldenSlots } from './testing/golden.ts';
import { type Golden1, loadGolden1, slotsOf } from './testing/golden-version-1.ts';
import { goldenRows2, readGolden2, writeGolden2 } from './testing/golden-version-2.ts';
import { makeMemoryLocks } from './testing/memory-locks.ts';

/** More calls than a start makes that has a session to finish and one to settle. */
const MOST_CALLS = 200;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

/** A browser in which version 1 was used, its agency's key, and the moment at which it was left. */
function browserOf({ golden, database, slotBytes }: Golden1) {
  const browser = makeTestBrowser();
  browser.rows.version1 = structuredClone(database);
  for (const slot of [0, 1] as const) browser.slotBytes[slot] = slotBytes[slot]?.slice() ?? null;
  browser.clock.advance(golden.time - browser.clock.now());
  return { browser, agencyKey: signerFromSecret(golden.bytes('world.agencySecret')).publicKey };
}

describe('BT-7: a module of version 1', () => {
  test('opens as it was left: identity, record, sessions and receipts, the same bytes', async () => {
    const golden1 = await loadGolden1();
    const { golden, database } = golden1;
    const { browser, agencyKey } = browserOf(golden1);
    const tab = await openTab(browser, agencyKey);
    expect(expectValue(await tab.call('status', {}))).toMatchObject({
      ...{ storage: 'ready', lock: 'none', moduleId: database.identity?.moduleId, epoch: 0, keysMovable: false },
    });
    const kinds = (await checkRecord(browser.rows)).map((entry) => entry.kind);
    expect(kinds.slice(0, golden.list('expected.entries').length)).toEqual(golden.list('expected.entries'));
    const sessions = expectValue(await tab.call('sessions', {}));
    const stateOf = new Map(sessions.map(({ session, state, count }) => [session, { state, count }]));
    for (const [was, is] of [
      ['accepted', 'accepted'],
      ['closed', 'closed'],
      ['closing', 'closed'],
      ['open', 'open'],
    ] as const) {
      const count = golden.list(`expected.shown.${was}`).length;
      expect(stateOf.get(golden.text(`expected.${was}`)), was).toEqual({ state: is, count });
    }
    for (const before of database.receipts) {
      const { receiptFile } = expectValue(await tab.call('receiptFile', { session: before.session }));
      const { receipt, certificate, acknowledgement } = decodeReceiptFile(receiptFile);
      expect({ receipt, certificate, acknowledgement }).toEqual({
        ...{ receipt: before.receipt, certificate: before.certificate, acknowledgement: before.acknowledgement },
      });
    }
  });

  test('goes on with the session that was open, and signs for it with the key it always had', async () => {
    const golden1 = await loadGolden1();
    const { golden } = golden1;
    const { browser, agencyKey } = browserOf(golden1);
    const tab = await openTab(browser, agencyKey);
    const session = decodeSessionId(golden.text('expected.open'));
    expectValue(await tab.call('resumeSession', { session, manifest: golden.bytes('world.manifest') }));
    for (const frame of [4, 5]) {
      expectValue(await tab.call('deliver', { session, frame, parts: goldenParts(golden, frame) }));
      await showFrame(tab.sink(), frame);
    }
    const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
    const file = decodeReceiptFile(receiptFile);
    const now = golden.time;
    const suite = webCryptoSuite;
    const module = await verifyCertificate({ bytes: file.certificate, agencyKey, role: 'module', now, suite });
    const receipt = await verifyReceipt({ bytes: file.receipt, module, suite });
    expect(receipt).toMatchObject({ count: 6, late: 1, onTime: 5, failed: 1, withheld: 1, epoch: 0 });
    expect(receipt.frames).toEqual([
      [0, 3],
      [4, 6],
      [20, 21],
    ]);
    const shown = decryptedFrames(
      (await checkRecord(browser.rows)).filter((entry) => 'session' in entry && entry.session === session),
    );
    expect(shown).toEqual([0, 1, 2, 4, 5, 20]);
  });

  test('has a checkpoint of the new version as soon as it has opened, with the way to its keys', async () => {
    const golden1 = await loadGolden1();
    const { browser, agencyKey } = browserOf(golden1);
    await openTab(browser, agencyKey);
    const reading = await readCheckpoint(slotsOf(browser.slotBytes));
    if (reading.state !== 'found') throw new Error('there is no checkpoint');
    expect(reading.newest.version).toBe(2);
    expect(reading.newest.vault.map((slot) => slot.kind)).toEqual(['device']);
  });

  test('whose first start is cut at any storage call is whole at the second one', async () => {
    const golden1 = await loadGolden1();
    for (const side of ['before', 'after'] as const) {
      for (let call = 1, wasCut = true; wasCut; call += 1) {
        expect(call).toBeLessThan(MOST_CALLS);
        const { browser, agencyKey } = browserOf(golden1);
        const tab = await openTab(browser, agencyKey, { call, side });
        wasCut = tab.store.isDead();
        tab.kill();
        const again = await openTab({ ...browser, locks: makeMemoryLocks() }, agencyKey);
        const status = expectValue(await again.call('status', {}));
        expect(status).toMatchObject({ storage: 'ready', moduleId: golden1.database.identity?.moduleId });
        const entries = await checkRecord(browser.rows);
        expect(entries.filter((entry) => entry.kind === 'receipt')).toHaveLength(3);
      }
    }
  });

  test('that was wound back is not opened, not moved and not begun anew', async () => {
    const golden1 = await loadGolden1();
    const { browser, agencyKey } = browserOf(golden1);
    const { database } = golden1;
    const last = database.pages.at(-1);
    if (last === undefined) throw new Error('there are pages');
    const header = { ...database.header, counter: last.firstCounter - 1, head: last.previousHead };
    const wound = { ...database, pages: database.pages.slice(0, -1), header };
    browser.rows.version1 = wound;
    const tab = await openTab(browser, agencyKey);
    expect(expectValue(await tab.call('status', {})).storage).toBe('wiped');
    expect(browser.rows.version1).toBe(wound);
    expect(browser.rows.meta.header).toBeNull();
  });
});

describe('BT-7: a module of version 2', () => {
  test('is read row by row, with its sums, by this build', async () => {
    const golden = await readGolden2();
    await writeGolden2(golden);
    const store = await openIndexedDbStore();
    expect(await store.meta('header')).toMatchObject({ version: 2, counter: golden.value('expected.counter') });
    for (const name of ['vault', 'identity', 'settings', 'backup'] as const) {
      expect(await store.meta(name), name).not.toBeNull();
    }
    expect(await store.sessions(10)).toHaveLength(3);
    expect(await store.receipts(10)).toHaveLength(2);
    expect(await store.pages(1, 1_000)).toHaveLength(golden.list('database.pages').length);
    expect((await store.operations('working', 10)).map((row) => row.session)).toContain(golden.text('expected.open'));
    expect(await store.held(decodeSessionId(golden.text('expected.open')), 0)).not.toBeNull();
  });

  test('opens with the passphrase it had, as it was left, and goes on', async () => {
    const golden = await readGolden2();
    const browser = { ...makeTestBrowser(), rows: goldenRows2(golden) };
    for (const [slot, bytes] of goldenSlots(golden).entries()) browser.slotBytes[slot === 0 ? 0 : 1] = bytes;
    browser.clock.advance(golden.time - browser.clock.now());
    const tab = await openTab(browser, golden.bytes('world.agencyKey'));
    expect(expectValue(await tab.call('status', {})).lock).toBe('locked');
    expectValue(await tab.call('unlock', {}));
    expect(expectValue(await tab.call('status', {}))).toMatchObject({
      ...{ storage: 'ready', lock: 'unlocked', factors: ['passphrase'], idleLockMinutes: 30, keysMovable: true },
      ...{ moduleId: golden.value('expected.moduleId'), epoch: 1, safety: { backup: 'unverified' } },
    });
    const sessions = expectValue(await tab.call('sessions', {}));
    for (const state of ['accepted', 'closed', 'open']) {
      const session = sessions.find((one) => one.session === golden.text(`expected.${state}`));
      expect(session, state).toMatchObject({ state, count: golden.list(`expected.shown.${state}`).length });
    }
    const session = decodeSessionId(golden.text('expected.open'));
    expectValue(await tab.call('resumeSession', { session, manifest: golden.bytes('world.manifest') }));
    for (const frame of [4, 5]) {
      expectValue(await tab.call('deliver', { session, frame, parts: goldenParts(golden, frame) }));
      await showFrame(tab.sink(), frame);
    }
    const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
    expect(decodeReceiptFile(receiptFile).receipt.length).toBeGreaterThan(100);
    expect(expectValue(await tab.call('sessions', {}))[0]).toMatchObject({ session, state: 'closed', count: 6 });
  });
});
