// A programme that is kept (docs/protocol.md §21), from the module's side: its session waits beside whatever plays, is taken up after any restart
// with no contact, counts and is receipted as ever, and ends at its time however the clock is set.

import { describe, expect, test } from 'vitest';
import { decodeReceiptFile } from '../../protocol/receipt-file.ts';
import {
  codeOf,
  expectValue,
  makeTestBrowser,
  openTab,
  showFrame,
  type TestBrowser,
  type TestTab,
} from '../testing/browser.ts';
import { makeProviderSide, PROMISED, SHEET, START_TIME, sealSheet } from '../testing/provider-side.ts';
import { beginSession, deliver, enrol, openSession, settle } from '../testing/steps.ts';

const DAY_MS = 86_400_000;
const TERM_MS = 3 * DAY_MS;
const provider = await makeProviderSide(
  { offlineMs: TERM_MS, contract: { ...PROMISED, leastRung: '' } },
  { tracks: true },
);
const OFFLINE = { offline: true, expires: START_TIME + TERM_MS } as const;

/** A module that keeps the programme; nothing plays. */
async function kept() {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { session } = await beginSession(provider, tab, undefined, OFFLINE);
  return { browser, tab, session };
}

const resume = (tab: TestTab, session: string) =>
  tab.call('resumeSession', { session, manifest: provider.manifestBytes });

/** The tab is gone, and another one comes. */
async function reloaded(browser: TestBrowser, tab: TestTab): Promise<TestTab> {
  tab.kill();
  return openTab(browser, provider.agencyKey);
}

describe('an offline session', () => {
  test('BT-3: is opened beside what plays, and leaves the display to it', async () => {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const playing = await beginSession(provider, tab);
    const certificate = await enrol(provider, tab);
    const { session, grant } = await provider.grant(certificate, undefined, OFFLINE);
    const view = expectValue(await openSession(provider, tab, grant));
    expect(view).toMatchObject({ session, offline: true, contract: null, expires: START_TIME + TERM_MS });
    expectValue(await deliver(provider, tab, playing.session, 0));
    await showFrame(tab.sink(), 0);
    expect(codeOf(await deliver(provider, tab, session, 0))).toBe('session/not-active');
    const [ordinary] = expectValue(await tab.call('sessions', {})).filter(({ offline }) => !offline);
    expect(ordinary).toMatchObject({ session: playing.session, count: 1 });
  });

  test('BT-7: is taken up after restarts with no contact, counts what is shown, and is settled later', async () => {
    const { browser, tab, session } = await kept();
    browser.clock.advance(DAY_MS);
    const first = await reloaded(browser, tab);
    expectValue(await resume(first, session));
    for (const frame of [0, 1]) {
      expectValue(await deliver(provider, first, session, frame));
      await showFrame(first.sink(), frame);
    }
    browser.clock.advance(DAY_MS);
    const second = await reloaded(browser, first);
    expectValue(await resume(second, session));
    expectValue(await deliver(provider, second, session, 2));
    await showFrame(second.sink(), 2);
    browser.clock.advance(-2 * DAY_MS);
    const { receiptFile } = expectValue(await second.call('closeSession', { session }));
    expect(expectValue(await second.call('receipts', {}))).toMatchObject([{ session, count: 3, state: 'durable' }]);
    // What a receipt of a session with a contract would have beside it.
    expect(decodeReceiptFile(receiptFile).contracted).toBeNull();
    await settle(provider, second, session);
    expect(expectValue(await second.call('receipts', {}))).toMatchObject([
      { session, count: 3, amountMinor: 60, state: 'accepted', claim: null },
    ]);
  });

  test('asks the person beyond the allowance, and says until when', async () => {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const certificate = await enrol(provider, tab);
    expectValue(await tab.call('setAllowance', { dayMinor: 0 }));
    const before = browser.person.asked.length;
    const { grant } = await provider.grant(certificate, undefined, OFFLINE);
    expectValue(await openSession(provider, tab, grant));
    const until = new Date(START_TIME + TERM_MS).toISOString().slice(0, 16).replace('T', ' ');
    expect(browser.person.asked.slice(before)).toMatchObject([
      {
        kind: 'approve',
        lines: expect.arrayContaining([`You keep it to watch without a connection until ${until} UTC.`]),
      },
    ]);
  });
});

describe('the end of the term', () => {
  const atEnd = async (before: (at: Awaited<ReturnType<typeof kept>>) => Promise<void> = async () => undefined) => {
    const at = await kept();
    expectValue(await resume(at.tab, at.session));
    await before(at);
    return at;
  };

  test('BT-3: refuses frames, those that were counted before, and previews, with its code; the receipt is made all the same', async () => {
    const { browser, tab, session } = await atEnd(async (at) => {
      expectValue(await deliver(provider, at.tab, at.session, 0));
      await showFrame(at.tab.sink(), 0);
    });
    browser.clock.advance(TERM_MS - 1);
    expectValue(await deliver(provider, tab, session, 1));
    await showFrame(tab.sink(), 1);
    const sealed = await sealSheet(provider.seed, provider.programme.programme, SHEET);
    expectValue(await tab.call('deliverSheet', { session, sheet: 0, sealed: sealed.slice().buffer }));
    browser.clock.advance(1);
    expect(codeOf(await deliver(provider, tab, session, 2))).toBe('grant/expired');
    expect(codeOf(await deliver(provider, tab, session, 0))).toBe('grant/expired');
    const again = tab.call('deliverSheet', { session, sheet: 0, sealed: sealed.slice().buffer });
    expect(codeOf(await again)).toBe('grant/expired');
    expect(codeOf(await resume(tab, session))).toBe('grant/expired');
    expectValue(await tab.call('closeSession', { session }));
    expect(expectValue(await tab.call('receipts', {}))).toMatchObject([{ count: 2, state: 'durable' }]);
  });

  test('BT-3: is not put off by a clock that is set back in the tab that plays', async () => {
    const { browser, tab, session } = await atEnd();
    browser.clock.advance(TERM_MS);
    expect(codeOf(await deliver(provider, tab, session, 0))).toBe('grant/expired');
    browser.clock.advance(-TERM_MS);
    expect(codeOf(await deliver(provider, tab, session, 0))).toBe('grant/expired');
  });

  const shown = async (tab: TestTab, session: string, frame: number) => {
    expectValue(await tab.call('deliver', { session, frame, parts: provider.partsOf(frame) }));
    await showFrame(tab.sink(), frame);
  };
  test.each<[string, (at: Awaited<ReturnType<typeof kept>>) => Promise<void>]>([
    ['a frame that was counted', ({ tab, session }) => shown(tab, session, 5)],
    ['a frame that was shown again', ({ tab, session }) => shown(tab, session, 0)],
    ['a pause', async ({ tab, session }) => void expectValue(await tab.call('pause', { session }))],
    ['a seek', async ({ tab, session }) => void expectValue(await tab.call('seek', { session, positionMs: 4_000 }))],
    ['taking it up', async ({ tab, session }) => void expectValue(await resume(tab, session))],
  ])('BT-3: counts from the latest time of %s, after a reload with the clock set back', async (_what, doIt) => {
    const at = await atEnd(({ tab, session }) => shown(tab, session, 0));
    const { browser, session } = at;
    browser.clock.advance(TERM_MS - 1_000);
    await doIt(at);
    // Two days back: what is left is a second of watching, not two days and a second.
    browser.clock.advance(-2 * DAY_MS);
    const first = await reloaded(browser, at.tab);
    expectValue(await resume(first, session));
    browser.clock.advance(999);
    await shown(first, session, 7);
    // And once more, further back, after a millisecond less than that.
    browser.clock.advance(-DAY_MS / 2);
    const second = await reloaded(browser, first);
    expectValue(await resume(second, session));
    browser.clock.advance(1);
    expect(codeOf(await deliver(provider, second, session, 8))).toBe('grant/expired');
  });

  test('BT-3: is not lost to a clock that goes back and is put right again', async () => {
    const { browser, tab, session } = await atEnd();
    browser.clock.advance(DAY_MS);
    await shown(tab, session, 0);
    browser.clock.advance(-DAY_MS);
    await shown(tab, session, 1);
    browser.clock.advance(2 * DAY_MS);
    await shown(tab, session, 2);
    browser.clock.advance(DAY_MS - 60_000);
    await shown(tab, session, 3);
  });

  test('BT-3: comes for good where a later time was written, though the clock goes back', async () => {
    const at = await atEnd();
    const { browser, session } = at;
    browser.clock.advance(TERM_MS - 1);
    expectValue(await deliver(provider, at.tab, session, 0));
    browser.clock.advance(2);
    // Its picture was due after the end: what was reserved is still counted and shown, and its time is written.
    await showFrame(at.tab.sink(), 0);
    browser.clock.advance(-TERM_MS);
    const tab = await reloaded(browser, at.tab);
    expect(codeOf(await resume(tab, session))).toBe('grant/expired');
  });

  test('of an ordinary session goes by the clock alone, as ever', async () => {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const { session } = await beginSession(provider, tab);
    browser.clock.advance(3_600_000);
    expect(codeOf(await deliver(provider, tab, session, 0))).toBe('grant/expired');
    browser.clock.advance(-1);
    expectValue(await deliver(provider, tab, session, 0));
  });
});
