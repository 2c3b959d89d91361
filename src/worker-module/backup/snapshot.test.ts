// What goes into a snapshot and what never does: everything or what is unsettled, the state of one commit, no key of a session, nothing altered.

import { describe, expect, test } from 'vitest';
import { toHex } from '../../protocol/bytes.ts';
import { sequenceFunction } from '../../protocol/sequence/sequence.ts';
import { decodeSnapshot, encodeSnapshot } from '../../protocol/snapshot.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import { makeMemoryStore } from '../store/testing/memory-store.ts';
import { codeOf, expectValue, openTab, type TestBrowser } from '../testing/browser.ts';
import { openKeys } from '../testing/check-record.ts';
import { FRAME_COUNT, makeProviderSide } from '../testing/provider-side.ts';
import { BACKUP_LIMITS } from './backup-limits.ts';
import { makeCheckpointContent, type SnapshotCore, takeSnapshot } from './snapshot.ts';
import { makeWorld, settle, show } from './testing/world.ts';

const provider = await makeProviderSide();

async function coreOf({ rows }: TestBrowser): Promise<SnapshotCore> {
  return { store: makeMemoryStore(rows), keys: await openKeys(rows), agencyKey: provider.agencyKey, suite };
}

const namesOf = (things: readonly { readonly session: string }[]) => things.map(({ session }) => session).sort();

describe('BT-7: a snapshot', () => {
  test('of everything has every session and receipt; of what is unsettled, those without an answer', async () => {
    const { browser, accepted, closed, open } = await makeWorld(provider);
    const core = await coreOf(browser);
    const all = await takeSnapshot(core, 'all');
    expect(namesOf(all.sessions)).toEqual([accepted, closed, open].sort());
    expect(namesOf(all.receipts)).toEqual([accepted, closed].sort());
    const unsettled = await takeSnapshot(core, 'unsettled');
    expect(namesOf(unsettled.sessions)).toEqual([closed, open].sort());
    expect(namesOf(unsettled.receipts)).toEqual([closed]);
    expect(unsettled).toMatchObject({
      counter: browser.rows.meta.header?.counter,
      head: browser.rows.meta.header?.head,
    });
    expect(decodeSnapshot(encodeSnapshot(all))).toEqual(all);
  });

  test('holds no key of a session: no frame key, no node of the tree', async () => {
    const { browser } = await makeWorld(provider);
    const clear = toHex(encodeSnapshot(await takeSnapshot(await coreOf(browser), 'all')));
    const { keyAt } = sequenceFunction('tree');
    const frameKeys = Array.from({ length: FRAME_COUNT }, (_none, frame) => toHex(keyAt(provider.seed, frame)));
    expect(frameKeys.filter((frameKey) => clear.includes(frameKey))).toEqual([]);
    expect(clear).not.toContain(toHex(provider.seed));
    // What is looked for would be found: a held leaf lies in the clear in no row, but a certificate does.
    expect(clear).toContain(toHex(provider.providerCertificate));
  });

  test('is of one commit: where another tab writes in between, it reads again', async () => {
    const { browser, tab, open } = await makeWorld(provider);
    const core = await coreOf(browser);
    let reads = 0;
    const store: SnapshotCore['store'] = {
      ...core.store,
      operations: async (status, limit) => {
        reads += 1;
        const read = await core.store.operations(status, limit);
        if (reads === 1) expectValue(await tab.call('closeSession', { session: open }));
        return read;
      },
    };
    const snapshot = await takeSnapshot({ ...core, store }, 'unsettled');
    expect(reads).toBe(4);
    expect(snapshot.counter).toBe(browser.rows.meta.header?.counter);
    expect(namesOf(snapshot.receipts)).toContain(open);
  });

  test('gives up with a code where the store never rests', async () => {
    const { browser } = await makeWorld(provider);
    const core = await coreOf(browser);
    const { header } = browser.rows.meta;
    let revision = header?.revision ?? 0;
    const store: SnapshotCore['store'] = {
      ...core.store,
      operations: (status, limit) => {
        revision += 1;
        if (header !== null) browser.rows.meta.header = { ...header, revision };
        return core.store.operations(status, limit);
      },
    };
    await expect(takeSnapshot({ ...core, store }, 'unsettled')).rejects.toThrow('store/conflict');
    expect(revision - (header?.revision ?? 0)).toBe(2 * BACKUP_LIMITS.snapshotAttempts);
  });
});

describe('BT-7: what a checkpoint is made of', () => {
  test('is read once while it waits for its answer, and left out when the answer is kept', async () => {
    const { book, browser, tab, closed, open } = await makeWorld(provider);
    const core = await coreOf(browser);
    const read: string[] = [];
    const store: SnapshotCore['store'] = {
      ...core.store,
      session: (session) => {
        read.push(session);
        return core.store.session(session);
      },
    };
    const content = makeCheckpointContent({ ...core, store });
    const first = decodeSnapshot((await content()).bytes);
    expect(read.sort()).toEqual([closed, open].sort());
    read.length = 0;
    expect(decodeSnapshot((await content()).bytes)).toEqual(first);
    expect(read).toEqual([open]);
    await show(provider, tab, open, 8);
    await settle(book, tab, closed);
    expect(namesOf(decodeSnapshot((await content()).bytes).sessions)).toEqual([open]);
  });

  test('is empty while the module has no keys, and nothing at all once another store has taken its place', async () => {
    const { browser, tab } = await makeWorld(provider);
    const content = makeCheckpointContent(await coreOf(browser));
    expect((await content()).bytes.length).toBeGreaterThan(0);
    expectValue(await tab.call('startAnew', {}));
    await expect(content()).rejects.toThrow('store/replaced');
    expect((await makeCheckpointContent(await coreOf(browser))()).bytes).toHaveLength(0);
  });

  const flipped = (bytes: Uint8Array) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
  const alterations: readonly (readonly [string, (browser: TestBrowser, closed: string) => void])[] = [
    ['a receipt', ({ rows }, closed) => alter(rows.receipts, closed, ({ receipt }) => ({ receipt: flipped(receipt) }))],
    [
      'the certificate beside it',
      ({ rows }, closed) => alter(rows.receipts, closed, ({ certificate }) => ({ certificate: flipped(certificate) })),
    ],
    ['a grant', ({ rows }, closed) => alter(rows.sessions, closed, ({ grant }) => ({ grant: flipped(grant) }))],
    ['a programme', ({ rows }, closed) => alter(rows.sessions, closed, () => ({ programme: new Uint8Array([0]) }))],
    [
      'terms of another session',
      ({ rows }, closed) => {
        const other = [...rows.sessions.values()].find(({ session }) => session !== closed);
        if (other !== undefined) alter(rows.sessions, closed, () => ({ terms: other.terms }));
      },
    ],
  ];
  test.each(alterations)('%s that was altered never takes the place of the good one', async (_what, change) => {
    const { browser, tab, closed } = await makeWorld(provider);
    tab.kill();
    change(browser, closed);
    await expect(takeSnapshot(await coreOf(browser), 'unsettled')).rejects.toThrow('store/altered');
    const slots = structuredClone(browser.slotBytes);
    const next = await openTab(browser, provider.agencyKey);
    expect(browser.slotBytes).toEqual(slots);
    expect(codeOf(await next.call('recover', {}))).toBeNull();
  });

  test('is kept as it is where the agency of this page is another one: nobody here can say whether it holds', async () => {
    const { browser, closed } = await makeWorld(provider);
    const { agencyKey } = await makeProviderSide();
    const snapshot = await takeSnapshot({ ...(await coreOf(browser)), agencyKey }, 'unsettled');
    expect(namesOf(snapshot.receipts)).toEqual([closed]);
  });

  function alter<Row extends object>(rows: Map<string, Row>, name: string, change: (row: Row) => Partial<Row>): void {
    const row = rows.get(name);
    if (row === undefined) throw new Error(`no row ${name}`);
    rows.set(name, { ...row, ...change(row) });
  }
});
