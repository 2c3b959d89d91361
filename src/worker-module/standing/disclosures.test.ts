// What the module says of itself: everything that left, and everything that was begun. Neither list may leave something out, and neither may
// read without end.

import { describe, expect, test } from 'vitest';
import { MODULE_LIMITS } from '../limits.ts';
import { ROW_VERSION } from '../store/rows.ts';
import { makeMemoryRows } from '../store/testing/memory-store.ts';
import {
  expectValue,
  makeTestBrowser,
  openTab,
  showFrame,
  type TestBrowser,
  type TestTab,
} from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { deliver } from '../testing/steps.ts';
import { makeProviderBook } from './testing/provider-book.ts';

const provider = await makeProviderSide();
const providerId = provider.providerSigner.kid;

async function begun() {
  const book = makeProviderBook(provider);
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  await book.enrol(tab);
  return { book, browser, tab };
}

async function disclosed(tab: TestTab) {
  return expectValue(await tab.call('disclosures', {}));
}

describe('CARD-3: what left the module', () => {
  test('is nothing for a new one', async () => {
    const tab = await openTab(makeTestBrowser(), provider.agencyKey);
    expect(await disclosed(tab)).toEqual([]);
  });

  test('is told whole, newest first: enrolment, contacts, receipts, backups, a request for a new epoch, and to whom', async () => {
    const { book, browser, tab } = await begun();
    const session = await book.open(tab);
    expectValue(await deliver(provider, tab, session, 0));
    await showFrame(tab.sink(), 0);
    expectValue(await tab.call('closeSession', { session }));
    await book.takeReceipt(tab, session);
    expectValue(await tab.call('makeBackup', { passkey: false }));
    expectValue(await tab.call('acceptStanding', await book.standing(tab, { verdict: 'fork', since: 1 })));
    expectValue(await tab.call('beginEpoch', {}));
    const list = await disclosed(tab);
    expect(list.map(({ what, to }) => [what, to])).toEqual([
      ['enrolment', null],
      ['contact', providerId],
      ['backup', null],
      ['contact', providerId],
      ['receipt', providerId],
      ['contact', providerId],
      ['enrolment', null],
    ]);
    const entries = await checkRecord(browser.rows);
    for (const { counter, time } of list) expect(entries[counter - 1]).toMatchObject({ counter, time });
  });

  test('is the same list after a restart, and reading it changes nothing', async () => {
    const { book, browser, tab } = await begun();
    await book.open(tab);
    const list = await disclosed(tab);
    const rows = structuredClone(browser.rows);
    await disclosed(tab);
    expect(browser.rows).toEqual(rows);
    tab.kill();
    expect(await disclosed(await openTab(browser, provider.agencyKey))).toEqual(list);
  });

  test('is found behind an evening of frames, in a few reads', async () => {
    const { book, browser, tab } = await begun();
    const session = await book.open(tab);
    // A copy that does not open is two entries, each time.
    const parts = () => provider.partsOf(0).map(({ label }) => ({ label, sealed: new ArrayBuffer(64) }));
    for (let times = 0; times < 300; times += 1) await tab.call('deliver', { session, frame: 0, parts: parts() });
    const { length } = await checkRecord(browser.rows);
    expect(length).toBeGreaterThan(2 * MODULE_LIMITS.pagesPerRead);
    const before = tab.store.calls();
    expect((await disclosed(tab)).map(({ what }) => what)).toEqual(['contact', 'enrolment']);
    expect(tab.store.calls() - before).toBeLessThanOrEqual(2 + Math.ceil(length / MODULE_LIMITS.pagesPerRead));
  });

  test('is at most a hundred, the newest, from a bounded number of reads', async () => {
    const { book, browser, tab } = await begun();
    for (let times = 0; times < 120; times += 1) await book.contact(tab);
    const list = await disclosed(tab);
    expect(list).toHaveLength(MODULE_LIMITS.listedDisclosures);
    const { counter } = expectValue(await tab.call('status', {}));
    expect(list.map((view) => view.counter)).toEqual(Array.from({ length: 100 }, (_none, at) => counter - at));
    await checkRecord(browser.rows);
  });
});

describe('CARD-3: a record that was recovered', () => {
  test('tells what left since, from where it begins', async () => {
    const { book, browser, tab } = await begun();
    const session = await book.open(tab);
    for (const frame of [0, 1, 2]) {
      expectValue(await deliver(provider, tab, session, frame));
      await showFrame(tab.sink(), frame);
    }
    expectValue(await tab.call('closeSession', { session }));
    tab.kill();
    const wiped: TestBrowser = { ...browser, rows: makeMemoryRows() };
    const back = await openTab(wiped, provider.agencyKey);
    expectValue(await back.call('recover', {}));
    const begins = expectValue(await back.call('status', {})).counter;
    const since = await disclosed(back);
    expect(since.every(({ counter }) => counter > 0 && counter <= begins)).toBe(true);
    await book.contact(back, 0);
    const before = back.store.calls();
    const list = await disclosed(back);
    expect(list.length).toBe(since.length + 1);
    expect(list[0]).toMatchObject({ what: 'contact', to: providerId });
    expect(back.store.calls() - before).toBeLessThanOrEqual(12);
  });
});

describe('CARD-3: what was begun and is not done', () => {
  test('is listed newest change first, in one state each, and is gone when it is done', async () => {
    const { book, browser, tab } = await begun();
    const operations = async () =>
      expectValue(await tab.call('operations', {})).map(({ session, status }) => [session, status]);
    expect(await operations()).toEqual([]);
    const first = await book.open(tab);
    browser.clock.advance(1_000);
    const second = await book.open(tab);
    expect(await operations()).toEqual([
      [second, 'working'],
      [first, 'working'],
    ]);
    browser.clock.advance(1_000);
    expectValue(await tab.call('closeSession', { session: first }));
    expect(await operations()).toEqual([
      [first, 'waiting'],
      [second, 'working'],
    ]);
    const acknowledgement = await book.takeReceipt(tab, first);
    expectValue(await tab.call('acceptAcknowledgement', { session: first, acknowledgement }));
    expect(await operations()).toEqual([[second, 'working']]);
  });

  test('an enrolment whose certificate has not come is waiting, and done with it', async () => {
    const tab = await openTab(makeTestBrowser(), provider.agencyKey);
    expectValue(await tab.call('enrolmentRequest', {}));
    expect(expectValue(await tab.call('operations', {}))).toMatchObject([{ kind: 'enrolment', status: 'waiting' }]);
    await makeProviderBook(provider).enrol(tab);
    expect(expectValue(await tab.call('operations', {}))).toEqual([]);
  });

  test('is at most two hundred', async () => {
    const { browser, tab } = await begun();
    for (let number = 0; number < 230; number += 1) {
      const name = `session/${number}`;
      browser.rows.operations.set(name, {
        ...{ name, version: ROW_VERSION, kind: 'session', status: 'waiting' },
        ...{ code: null, session: null, changedTime: number },
      });
    }
    const listed = expectValue(await tab.call('operations', {}));
    expect(listed.map(({ changedTime }) => changedTime)).toEqual(Array.from({ length: 200 }, (_none, at) => 229 - at));
  });
});
