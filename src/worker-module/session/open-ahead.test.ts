// A session that is opened before anybody presses play: nobody is asked, nothing is counted, and what was set aside comes back.

import { describe, expect, test } from 'vitest';
import { codeOf, expectValue, makeTestBrowser, openTab, showFrame } from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { makeProviderSide, VIDEO_LABEL } from '../testing/provider-side.ts';
import { deliver, enrol, settle } from '../testing/steps.ts';

const provider = await makeProviderSide();
const FIRST = { frame: 0, rung: VIDEO_LABEL };

async function granted() {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { grant, session } = await provider.grant(await enrol(provider, tab));
  const open = (more: object) =>
    tab.call('openSession', {
      programme: provider.programmeBytes,
      manifest: provider.manifestBytes,
      grant,
      providerCertificate: provider.providerCertificate,
      ...more,
    });
  const kinds = async (): Promise<readonly string[]> => {
    const entries = await checkRecord(browser.rows);
    return entries.slice(entries.findIndex(({ kind }) => kind === 'opened')).map(({ kind }) => kind);
  };
  return { browser, tab, session, open, kinds };
}

describe('BT-4: a session opened ahead', () => {
  test('plays like any other when the press comes, and is counted once', async () => {
    const { tab, session, open, kinds } = await granted();
    expect(expectValue(await open({ first: FIRST, ahead: true }))).toMatchObject({ state: 'open', unused: true });
    expectValue(await deliver(provider, tab, session, 0));
    await showFrame(tab.sink(), 0);
    expect(await kinds()).toEqual(['opened', 'reserved', 'decrypted']);
    expect(expectValue(await tab.call('sessions', {}))[0]).toMatchObject({ count: 1, unused: false });
    await settle(provider, tab, session);
    expect(expectValue(await tab.call('receipts', {}))[0]).toMatchObject({ count: 1, unused: false });
  });

  test('that nobody presses for ends with a receipt of nothing that the provider takes, and is no thing that was watched', async () => {
    const { tab, session, open, kinds } = await granted();
    expectValue(await open({ first: FIRST, ahead: true }));
    await settle(provider, tab, session);
    expect(await kinds()).toEqual(['opened', 'reserved', 'failed', 'closed', 'receipt', 'disclosed', 'acknowledged']);
    const [receipt] = expectValue(await tab.call('receipts', {}));
    expect(receipt).toMatchObject({ state: 'accepted', count: 0, amountMinor: 0, unused: true });
  });

  test('asks nobody where the allowance is used up: it is ended with its opening, and holds nothing of the allowance', async () => {
    const { browser, tab, session, open, kinds } = await granted();
    expectValue(await tab.call('setAllowance', { dayMinor: 0 }));
    const asked = browser.person.asked.length;
    expect(expectValue(await open({ first: FIRST, ahead: true }))).toMatchObject({ state: 'closed', unused: true });
    expect(browser.person.asked.length).toBe(asked);
    expect((await kinds()).slice(0, 2)).toEqual(['opened', 'closed']);
    expect(codeOf(await deliver(provider, tab, session, 0))).toBe('session/closed');
    await settle(provider, tab, session);
    expect(expectValue(await tab.call('receipts', {}))[0]).toMatchObject({ session, state: 'accepted', unused: true });
  });

  test('is said with true or not at all', async () => {
    const { open } = await granted();
    for (const ahead of [false, 1, 'true', null]) expect(codeOf(await open({ ahead }))).toBe('request/malformed');
  });
});

describe('BT-4: a session that nobody has watched', () => {
  test('is ended by the next start where its tab is gone, with its receipt', async () => {
    const { browser, tab, session, open } = await granted();
    expectValue(await open({ first: FIRST, ahead: true }));
    tab.kill();
    const next = await openTab(browser, provider.agencyKey);
    expect(expectValue(await next.call('sessions', {}))[0]).toMatchObject({ session, state: 'closed', unused: true });
    expect(expectValue(await next.call('receipts', {}))[0]).toMatchObject({ session, state: 'durable', unused: true });
  });

  test('stays open for the tab that has it, whatever other tabs start', async () => {
    const { browser, tab, session, open } = await granted();
    expectValue(await open({ first: FIRST, ahead: true }));
    const second = await openTab(browser, provider.agencyKey);
    expect(expectValue(await second.call('sessions', {}))[0]).toMatchObject({ state: 'open', unused: true });
    expectValue(await deliver(provider, tab, session, 0));
    await showFrame(tab.sink(), 0);
    expect(expectValue(await tab.call('sessions', {}))[0]).toMatchObject({ state: 'open', count: 1 });
  });

  test('one of which something was shown is taken up again and not ended, where its tab is gone', async () => {
    const { browser, tab, session, open } = await granted();
    expectValue(await open({ first: FIRST, ahead: true }));
    expectValue(await deliver(provider, tab, session, 0));
    await showFrame(tab.sink(), 0);
    expectValue(await deliver(provider, tab, session, 1));
    tab.kill();
    const next = await openTab(browser, provider.agencyKey);
    expect(expectValue(await next.call('sessions', {}))[0]).toMatchObject({ session, state: 'open', count: 1 });
  });
});
