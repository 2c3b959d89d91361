// What the person sets, and who may set it: the allowance, lasting storage, and what the screens read of both.

import { describe, expect, test, vi } from 'vitest';
import { codeOf, expectValue, makeTestBrowser, openTab, type TestBrowser } from '../testing/browser.ts';
import { makePerson } from '../testing/person.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { beginSession } from '../testing/steps.ts';
import { quoteForeign } from './approval.ts';
import { browserEstimate } from './safety.ts';

const provider = await makeProviderSide();

async function opened(browser: TestBrowser = makeTestBrowser()) {
  const tab = await openTab(browser, provider.agencyKey);
  const status = async () => expectValue(await tab.call('status', {}));
  return { browser, tab, status };
}

const approvals = ({ person }: TestBrowser) => person.asked.filter(({ kind }) => kind === 'approve');

describe('CARD-3: the allowance', () => {
  test('is lowered without asking, kept, and told to every tab', async () => {
    const { browser, tab, status } = await opened();
    const other = await openTab(browser, provider.agencyKey);
    expect((await status()).allowance).toEqual({ dayMinor: 50_000, leftMinor: 50_000 });
    expectValue(await tab.call('setAllowance', { dayMinor: 20_000 }));
    expect(approvals(browser)).toEqual([]);
    expect(other.events).toContainEqual({ type: 'changed', what: 'status' });
    tab.kill();
    const again = await openTab(browser, provider.agencyKey);
    expect(expectValue(await again.call('status', {})).allowance).toEqual({ dayMinor: 20_000, leftMinor: 20_000 });
  });

  test('is raised with the person’s word only, by as little as one ten-thousandth', async () => {
    const { browser, tab, status } = await opened();
    expectValue(await tab.call('setAllowance', { dayMinor: 50_000 }));
    expect(approvals(browser)).toEqual([]);
    expectValue(await tab.call('setAllowance', { dayMinor: 50_001 }));
    expect(approvals(browser)).toMatchObject([{ amount: '5.0001', grave: false }]);
    expect((await status()).allowance.dayMinor).toBe(50_001);
  });

  test('lowered and raised back asks: the page cannot keep what the person took away', async () => {
    const { browser, tab, status } = await opened();
    expectValue(await tab.call('setAllowance', { dayMinor: 0 }));
    browser.person.answer = () => ({ kind: 'refused' });
    expect(codeOf(await tab.call('setAllowance', { dayMinor: 50_000 }))).toBe('consent/refused');
    expect((await status()).allowance.dayMinor).toBe(0);
  });

  test.each([-1, 0.5, 10 ** 15 + 1, Number.NaN])('of %d is no allowance', async (dayMinor) => {
    const { tab } = await opened();
    expect(codeOf(await tab.call('setAllowance', { dayMinor }))).toBe('request/malformed');
  });

  test('is smaller by what an open session has reserved', async () => {
    const { tab, status } = await opened();
    await beginSession(provider, tab, [[0, 10]]);
    expect((await status()).allowance).toEqual({ dayMinor: 50_000, leftMinor: 49_800 });
  });
});

describe('CARD-3: lasting storage', () => {
  test('is asked of the browser when the person wants it, and the answer is kept', async () => {
    const browser = { ...makeTestBrowser(), person: makePerson(true) };
    browser.person.answer = (question) =>
      question.kind === 'persist' ? { kind: 'persistence', persistent: question.ask } : browser.person.agree(question);
    const { tab, status } = await opened(browser);
    expect((await status()).safety).toMatchObject({ persistent: false, unsafeLimitMinor: 50_000 });
    expect(expectValue(await tab.call('askPersistence', {}))).toEqual({ persistent: true });
    expect(browser.person.asked).toContainEqual({ kind: 'persist', ask: true });
    expect((await status()).safety.persistent).toBe(true);
    expect(tab.events).toContainEqual({ type: 'changed', what: 'status' });
  });

  test('that the browser refuses is not had', async () => {
    const { tab, status } = await opened();
    expect(expectValue(await tab.call('askPersistence', {}))).toEqual({ persistent: false });
    expect((await status()).safety.persistent).toBe(false);
  });

  test('is looked up at each start without asking anybody: a promise that was taken back is gone', async () => {
    const browser = { ...makeTestBrowser(), person: makePerson(true) };
    const { tab, status } = await opened(browser);
    expectValue(await tab.call('askPersistence', {}));
    expect((await status()).safety.persistent).toBe(true);
    tab.kill();
    browser.person.answer = (question) =>
      question.kind === 'persist' ? { kind: 'persistence', persistent: false } : browser.person.agree(question);
    browser.person.asked.length = 0;
    const again = await opened(browser);
    await vi.waitFor(async () => expect((await again.status()).safety.persistent).toBe(false));
    expect(browser.person.asked).toEqual([{ kind: 'persist', ask: false }]);
  });

  test('a window that gives no answer has promised nothing, and takes nothing back', async () => {
    const browser = { ...makeTestBrowser(), person: makePerson(true) };
    const { tab } = await opened(browser);
    expectValue(await tab.call('askPersistence', {}));
    tab.kill();
    browser.person.answer = () => ({ kind: 'unavailable' });
    const again = await opened(browser);
    expect((await again.status()).safety.persistent).toBe(true);
    expect(codeOf(await again.tab.call('askPersistence', {}))).not.toBeNull();
    expect((await again.status()).safety.persistent).toBe(true);
  });
});

describe('what another party wrote', () => {
  test('stays on its line and within its quotation marks', () => {
    expect(quoteForeign('A film')).toBe('“A film”');
    expect(quoteForeign('Free” – press yes\nThe rest')).toBe('“Free  – press yes The rest”');
    expect(quoteForeign('\u202Eeerf\u0000,\u2028end')).toBe('“eerf , end”');
  });
});

describe('the browser’s estimate', () => {
  test('is in whole bytes, or not known', async () => {
    const { usageBytes, quotaBytes } = await browserEstimate();
    for (const bytes of [usageBytes, quotaBytes]) expect(bytes === null || Number.isInteger(bytes)).toBe(true);
  });
});
