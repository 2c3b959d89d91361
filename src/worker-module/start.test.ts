// Storage as start finds it: new, sound, lost, wound back, altered, of a newer build, refused, full. Never a silent fresh start.

import { describe, expect, test } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import { webCryptoSuite } from '../protocol/suite/webcrypto.ts';
import type { Surroundings } from './core.ts';
import type { OpenedStorage } from './life.ts';
import { findModule } from './start.ts';
import { clearMemoryRows, makeMemoryStore } from './store/testing/memory-store.ts';
import {
  codeOf,
  copyTestBrowser,
  expectValue,
  makeTestBrowser,
  openTab,
  showFrame,
  type TestBrowser,
  type TestTab,
} from './testing/browser.ts';
import { checkRecord } from './testing/check-record.ts';
import { makeProviderSide, type ProviderSide, randomBytes } from './testing/provider-side.ts';
import { beginSession, deliver, openSession } from './testing/steps.ts';

const provider: ProviderSide = await makeProviderSide();

async function usedBrowser(): Promise<TestBrowser> {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { session } = await beginSession(provider, tab);
  expectValue(await deliver(provider, tab, session, 0));
  await showFrame(tab.sink(), 0);
  expectValue(await tab.call('closeSession', { session }));
  tab.kill();
  return browser;
}

async function expectLost(browser: TestBrowser, state: 'wiped' | 'altered'): Promise<TestTab> {
  const before = structuredClone(browser.rows);
  const slots = structuredClone(browser.slotBytes);
  const tab = await openTab(browser, provider.agencyKey);
  expect(expectValue(await tab.call('status', {})).storage).toBe(state);
  expect(tab.events).toContainEqual({ type: 'failed', session: null, code: `store/${state}` });
  expect(codeOf(await tab.call('enrolmentRequest', {}))).toBe(`store/${state}`);
  expect(codeOf(await openSession(provider, tab, new Uint8Array(1)))).toBe(`store/${state}`);
  expect(browser.rows).toEqual(before);
  expect(browser.slotBytes).toEqual(slots);
  return tab;
}

describe('BT-7: storage at start', () => {
  test('what was used is sound the next time, with the same module, record and receipts', async () => {
    const browser = await usedBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const status = expectValue(await tab.call('status', {}));
    expect(status).toMatchObject({ storage: 'ready', lock: 'none', factors: [], keysMovable: true });
    expect(status.counter).toBe((await checkRecord(browser.rows)).length);
    expect(expectValue(await tab.call('receipts', {}))).toMatchObject([
      { state: 'durable', count: 1, amountMinor: 20 },
    ]);
  });

  test('an empty database beside a checkpoint is an alarm, and nothing new is begun', async () => {
    const browser = await usedBrowser();
    clearMemoryRows(browser.rows);
    await expectLost(browser, 'wiped');
  });

  test('an empty database beside a checkpoint of which both slots are torn is an alarm', async () => {
    await expectLost({ ...makeTestBrowser(), slotBytes: [new Uint8Array(40), new Uint8Array(0)] }, 'wiped');
  });

  test('a database that has been wound back behind the checkpoint is an alarm, and what it holds can still be read', async () => {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const { session } = await beginSession(provider, tab);
    const older = copyTestBrowser(browser);
    expectValue(await tab.call('closeSession', { session }));
    tab.kill();
    const later = await expectLost({ ...older, slotBytes: browser.slotBytes }, 'wiped');
    expect(expectValue(await later.call('sessions', {}))).toMatchObject([{ session, state: 'open' }]);
  });

  test('another chain under the checkpoint is an alarm', async () => {
    const browser = makeTestBrowser();
    const first = await openTab(browser, provider.agencyKey);
    const { session } = await beginSession(provider, first);
    const fork = copyTestBrowser(browser);
    expectValue(await first.call('closeSession', { session }));
    const second = await openTab(fork, provider.agencyKey);
    expectValue(await second.call('resumeSession', { session, manifest: provider.manifestBytes }));
    expectValue(await deliver(provider, second, session, 1));
    expectValue(await second.call('closeSession', { session }));
    second.kill();
    await expectLost({ ...makeTestBrowser(), rows: fork.rows, slotBytes: browser.slotBytes }, 'altered');
  });

  const alterations: readonly (readonly [string, (rows: TestBrowser['rows']) => void])[] = [
    ['the vault is gone', (rows) => Object.assign(rows.meta, { vault: null })],
    ['the header is gone', (rows) => Object.assign(rows.meta, { header: null })],
    [
      'the vault holds another root key',
      ({ meta }) => Object.assign(meta.vault?.slots[0] ?? {}, { rootKey: new Uint8Array(32).fill(7) }),
    ],
    ['the header has another head', ({ meta }) => Object.assign(meta.header ?? {}, { head: new Uint8Array(32) })],
    ['the header counts one more', ({ meta }) => Object.assign(meta.header ?? {}, { counter: 7 })],
    ['the last page is gone', (rows) => void rows.pages.delete(Math.max(...rows.pages.keys()))],
  ];
  test.each(alterations)('a database of which %s is an alarm', async (_what, alter) => {
    const browser = await usedBrowser();
    expect(browser.rows.meta.header?.counter).toBe(6);
    alter(browser.rows);
    await expectLost(browser, 'altered');
  });

  test('one torn slot is no loss: the other one stands', async () => {
    const browser = await usedBrowser();
    for (const torn of [0, 1] as const) {
      const { rows, slotBytes } = copyTestBrowser(browser);
      slotBytes[torn] = slotBytes[torn]?.subarray(0, 20) ?? null;
      const tab = await openTab({ ...makeTestBrowser(), rows, slotBytes }, provider.agencyKey);
      expect(expectValue(await tab.call('status', {})).storage).toBe('ready');
    }
  });

  test('a sound database beside two torn slots opens, and both are written anew', async () => {
    const browser = await usedBrowser();
    browser.slotBytes[0] = new Uint8Array(3);
    browser.slotBytes[1] = new Uint8Array(3);
    const tab = await openTab(browser, provider.agencyKey);
    expect(expectValue(await tab.call('status', {})).storage).toBe('ready');
    tab.kill();
    clearMemoryRows(browser.rows);
    await expectLost(browser, 'wiped');
    expect(browser.slotBytes.map((bytes) => (bytes?.length ?? 0) > 100)).toEqual([true, true]);
  });

  test('a row of a newer build stops the module', async () => {
    const browser = await usedBrowser();
    const failing = { ...browser, slotBytes: [null, null] as TestBrowser['slotBytes'] };
    const store = new FareboxError('store/newer-version');
    const tab = await openTab(failing, provider.agencyKey, null, store);
    expect(expectValue(await tab.call('status', {})).storage).toBe('newer-version');
    expect(codeOf(await tab.call('sessions', {}))).toBe('store/newer-version');
  });

  test('a browser that refuses storage is said to, and no command pretends otherwise', async () => {
    const tab = await openTab(makeTestBrowser(), provider.agencyKey, { call: 1, side: 'before' });
    expect(expectValue(await tab.call('status', {}))).toMatchObject({ storage: 'refused', counter: 0, moduleId: null });
    expect(codeOf(await tab.call('sessions', {}))).toBe('store/refused');
    expect(codeOf(await tab.call('enrolmentRequest', {}))).toBe('store/refused');
  });

  test('a full disk refuses the frame, says so, and is over when there is room again', async () => {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const { session } = await beginSession(provider, tab);
    tab.store.setFull(true);
    expect(codeOf(await deliver(provider, tab, session, 1))).toBe('store/full');
    expect(expectValue(await tab.call('status', {})).storage).toBe('full');
    expect(tab.sink().frames.size).toBe(0);
    tab.store.setFull(false);
    expectValue(await deliver(provider, tab, session, 1));
    expect(expectValue(await tab.call('status', {})).storage).toBe('ready');
  });
});

describe('BT-7: a store that goes away while the module is open', () => {
  test('thrown away in the middle of play: play stops, the loss is said, nothing new is begun, and it is recovered', async () => {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const { session } = await beginSession(provider, tab);
    expectValue(await deliver(provider, tab, session, 0));
    const sink = tab.sink();
    await showFrame(sink, 0);
    expectValue(await deliver(provider, tab, session, 1));
    browser.clock.advance(1_000);
    await idleTurns();
    clearMemoryRows(browser.rows);
    expect(codeOf(await deliver(provider, tab, session, 2))).toBe('store/wiped');
    await idleTurns();
    expect(sink.frames.size).toBe(0);
    expect(browser.rows.meta.header).toBeNull();
    expect(expectValue(await tab.call('status', {})).storage).toBe('wiped');
    const report = expectValue(await tab.call('recover', {}));
    expect(report).toMatchObject({ source: 'checkpoint' });
    expect(expectValue(await tab.call('status', {}))).toMatchObject({ storage: 'ready', epochPending: true });
  });

  test('begun anew in one tab, it is the new one in the other, which writes nothing of the old', async () => {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const { session } = await beginSession(provider, tab);
    const other = await openTab(browser, provider.agencyKey);
    expectValue(await other.call('resumeSession', { session, manifest: provider.manifestBytes }));
    expectValue(await deliver(provider, other, session, 0));
    expectValue(await tab.call('startAnew', {}));
    await idleTurns();
    for (const each of [tab, other]) {
      expect(expectValue(await each.call('status', {}))).toMatchObject({
        storage: 'ready',
        counter: 0,
        moduleId: null,
      });
      expect(expectValue(await each.call('sessions', {}))).toEqual([]);
    }
    expect(codeOf(await deliver(provider, other, session, 1))).toBe('session/unknown');
    browser.clock.advance(1_000);
    await idleTurns();
    for (const each of [tab, other]) each.kill();
    const later = await openTab(browser, provider.agencyKey);
    expect(expectValue(await later.call('status', {}))).toMatchObject({ storage: 'ready', counter: 0 });
  });
});

/** Lets what was begun in the background come to its end. */
async function idleTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
}

test('BT-7: a tab that starts while another one writes finds the store sound, without the lock too', async () => {
  for (const polite of [true, false]) {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const { session } = await beginSession(provider, tab);
    if (!polite) browser.locks.breakLocks();
    const { locks, clock, slotBytes } = browser;
    const store = makeMemoryStore(browser.rows);
    const writing: ReturnType<typeof deliver>[] = [];
    const storage: OpenedStorage = {
      store: {
        ...store,
        // Between the header and the pages that it speaks of.
        pages: async (fromCounter, limit) => {
          if (writing.length === 0) writing.push(deliver(provider, tab, session, 0));
          if (!polite) await Promise.all(writing);
          return store.pages(fromCounter, limit);
        },
      },
      slots: {
        read: async () => slotBytes,
        write: () => nobody('writes a slot'),
        remove: () => nobody('removes slots'),
      },
      locks,
    };
    const around: Surroundings = {
      ...{ agencyKey: provider.agencyKey, suite: webCryptoSuite, clock, random: randomBytes, emit: () => undefined },
      ask: () => nobody('asks'),
      passphraseCost: { costLog2: 14, blockSize: 1, parallelism: 1 },
    };
    expect(await findModule(around, storage, null)).toMatchObject({ state: 'sound' });
    expect((await Promise.all(writing)).map(codeOf)).toEqual([null]);
  }
});

function nobody(does: string): never {
  throw new Error(`nobody ${does} here`);
}
