// The browser throws the database away while the module plays: it is noticed at the next thing the module does, said, and never taken for a
// first start, neither by the tab that lived through it nor by one that comes later.

import { describe, expect, test } from 'vitest';
import { codeOf, expectValue, makeTestBrowser, openTab, showFrame, type TestBrowser } from '../testing/browser.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { beginSession, deliver } from '../testing/steps.ts';
import { clearMemoryRows, makeMemoryRows } from './testing/memory-store.ts';

const provider = await makeProviderSide();

async function playing() {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { session } = await beginSession(provider, tab);
  expectValue(await deliver(provider, tab, session, 0));
  await showFrame(tab.sink(), 0);
  expectValue(await deliver(provider, tab, session, 1));
  return { browser, tab, session };
}

function expectNothingStored(browser: TestBrowser): void {
  expect(browser.rows).toEqual(makeMemoryRows());
}

describe('BT-7: a database that is gone while the module plays', () => {
  test('is named by the next delivery and by every one after it, and nothing is founded in its place', async () => {
    const { browser, tab, session } = await playing();
    clearMemoryRows(browser.rows);
    for (const frame of [2, 3]) expect(codeOf(await deliver(provider, tab, session, frame))).toBe('store/wiped');
    expect(expectValue(await tab.call('status', {})).storage).toBe('wiped');
    expectNothingStored(browser);
  });

  test('does not let a frame be shown that was opened before and is not counted', async () => {
    const { browser, tab } = await playing();
    clearMemoryRows(browser.rows);
    await expect(showFrame(tab.sink(), 1)).rejects.toThrow('store/wiped');
    expect(tab.sink().shown).toEqual([0]);
    expectNothingStored(browser);
  });

  test('gives no receipt, and closes nothing', async () => {
    const { browser, tab, session } = await playing();
    clearMemoryRows(browser.rows);
    expect(codeOf(await tab.call('closeSession', { session }))).toBe('store/wiped');
    expectNothingStored(browser);
  });

  test('is named by the next tab as well, because the checkpoint is still there', async () => {
    const { browser, tab } = await playing();
    browser.clock.advance(250);
    await expect.poll(() => browser.slotBytes.some((bytes) => bytes !== null)).toBe(true);
    clearMemoryRows(browser.rows);
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    expect(expectValue(await later.call('status', {})).storage).toBe('wiped');
    expect(later.events).toContainEqual({ type: 'failed', session: null, code: 'store/wiped' });
    expectNothingStored(browser);
  });
});
