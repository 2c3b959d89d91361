// Storage as start finds it: new, sound, lost, wound back, altered, of a newer build, refused, full. Never a silent fresh start.

import { describe, expect, test } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import {
  codeOf,
  copyTestBrowser,
  expectValue,
  makeTestBrowser,
  openTab,
  showFrame,
  type TestBrowser,
} from './testing/browser.ts';
import { makeProviderSide, type ProviderSide } from './testing/provider-side.ts';
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

async function expectWiped(browser: TestBrowser): Promise<void> {
  const before = structuredClone(browser.rows.header);
  const tab = await openTab(browser, provider.agencyKey);
  expect(expectValue(await tab.call('status', {})).storage).toBe('wiped');
  expect(codeOf(await tab.call('enrolmentRequest', {}))).toBe('store/wiped');
  expect(codeOf(await openSession(provider, tab, new Uint8Array(1)))).toBe('store/wiped');
  expect(browser.rows.header).toEqual(before);
}

describe('BT-7: storage at start', () => {
  test('what was used is sound the next time, with the same module, record and receipts', async () => {
    const browser = await usedBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const status = expectValue(await tab.call('status', {}));
    expect(status).toMatchObject({ storage: 'ready', counter: 5 });
    expect(expectValue(await tab.call('receipts', {}))).toMatchObject([
      { state: 'durable', count: 1, amountMinor: 20 },
    ]);
  });

  test('an empty database beside a checkpoint is an alarm, and nothing new is begun', async () => {
    const { slotBytes } = await usedBrowser();
    await expectWiped({ ...makeTestBrowser(), slotBytes });
  });

  test('an empty database beside a checkpoint of which both slots are torn is an alarm', async () => {
    await expectWiped({ ...makeTestBrowser(), slotBytes: [new Uint8Array(40), new Uint8Array(0)] });
  });

  test('a database that has been wound back behind the checkpoint is an alarm', async () => {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const { session } = await beginSession(provider, tab);
    const older = copyTestBrowser(browser);
    expectValue(await tab.call('closeSession', { session }));
    const wound = { ...older, slotBytes: browser.slotBytes };
    await expectWiped(wound);
    const later = await openTab(wound, provider.agencyKey);
    expect(later.events).toContainEqual({ type: 'failed', session: null, code: 'store/wiped' });
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
    await expectWiped({ ...makeTestBrowser(), rows: fork.rows, slotBytes: browser.slotBytes });
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
