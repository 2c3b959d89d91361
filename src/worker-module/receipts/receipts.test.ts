// Receipts from the record: what they say, that reading changes nothing, that an altered record gives none, and the provider's answer.

import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../protocol/receipt.ts';
import { checkReceiptFile } from '../../protocol/receipt-checks.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import { webCryptoSuite } from '../../protocol/suite/webcrypto.ts';
import type { PageRow } from '../store/rows.ts';
import { codeOf, copyTestBrowser, expectValue, makeTestBrowser, openTab, showFrame } from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { makeProviderSide, randomBytes } from '../testing/provider-side.ts';
import { beginSession, deliver } from '../testing/steps.ts';

const provider = await makeProviderSide();

async function watched() {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { session } = await beginSession(provider, tab);
  for (const frame of [0, 1, 2]) {
    expectValue(await deliver(provider, tab, session, frame));
    await showFrame(tab.sink(), frame);
  }
  return { browser, tab, session };
}

async function closed() {
  const at = await watched();
  const { receiptFile } = expectValue(await at.tab.call('closeSession', { session: at.session }));
  return { ...at, receiptFile };
}

describe('BT-8: a receipt', () => {
  test('passes every check offline, with the agency’s key alone, before and after it is accepted', async () => {
    const { tab, session, receiptFile } = await closed();
    const { agencyKey } = provider;
    const durable = await checkReceiptFile({ file: receiptFile, agencyKey, suite: webCryptoSuite });
    expect(durable.checks.filter((check) => check.verdict === 'failed')).toEqual([]);
    expect(durable.valid).toBe(true);
    const acknowledgement = await provider.acknowledge(receiptFile);
    expectValue(await tab.call('acceptAcknowledgement', { session, acknowledgement }));
    const accepted = expectValue(await tab.call('receiptFile', { session })).receiptFile;
    const report = await checkReceiptFile({ file: accepted, agencyKey, suite: webCryptoSuite });
    expect(report.checks.find((check) => check.name === 'acknowledgement')?.verdict).toBe('ok');
    expect(report.valid).toBe(true);
  });

  test('of a session in which nothing was shown has no frames, no times and no price', async () => {
    const tab = await openTab(makeTestBrowser(), provider.agencyKey);
    const { session } = await beginSession(provider, tab);
    const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
    const report = await checkReceiptFile({ file: receiptFile, agencyKey: provider.agencyKey, suite: webCryptoSuite });
    const expected: Partial<Receipt> = { frames: [], count: 0, firstTime: 0, lastTime: 0, amountMinor: 0n, counter: 3 };
    expect(report.receipt).toMatchObject(expected);
    expect(report.valid).toBe(true);
  });

  test('holds where the machine’s clock was set back between two frames, and before the end', async () => {
    const { browser, tab, session } = await watched();
    browser.clock.advance(-60_000);
    expectValue(await deliver(provider, tab, session, 3));
    await showFrame(tab.sink(), 3);
    browser.clock.advance(-60_000);
    const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
    const report = await checkReceiptFile({ file: receiptFile, agencyKey: provider.agencyKey, suite: webCryptoSuite });
    expect(report.checks.filter((check) => check.verdict === 'failed')).toEqual([]);
    expect(report.receipt?.count).toBe(4);
  });

  test('BT-7: reading sessions, receipts and receipt files changes nothing of what is stored', async () => {
    const { browser, tab, session } = await closed();
    const before = structuredClone(browser.rows);
    expectValue(await tab.call('sessions', {}));
    expectValue(await tab.call('receipts', {}));
    expectValue(await tab.call('receiptFile', { session }));
    expectValue(await tab.call('status', {}));
    expect(browser.rows).toEqual(before);
  });

  test('there is none for an open session, nor for one that nobody knows', async () => {
    const { tab, session } = await watched();
    expect(codeOf(await tab.call('receiptFile', { session }))).toBe('receipt/none');
    expect(codeOf(await tab.call('receiptFile', { session: '00'.repeat(16) }))).toBe('session/unknown');
    expect(codeOf(await tab.call('closeSession', { session: '00'.repeat(16) }))).toBe('session/unknown');
  });
});

describe('BT-7: a record that was altered gives no receipt, and says so', () => {
  const alterations: readonly (readonly [string, (pages: Map<number, PageRow>, first: number) => void])[] = [
    ['a page was removed', (pages, first) => void pages.delete(first)],
    [
      'a byte of a page was changed',
      (pages, first) => changePage(pages, first, (page) => ({ sealed: flip(page.sealed) })),
    ],
    ['a page says that it has fewer entries', (pages, first) => changePage(pages, first, () => ({ count: 0 }))],
    [
      'a page names another head before it',
      (pages, first) => changePage(pages, first, () => ({ previousHead: new Uint8Array(32) })),
    ],
    [
      'a page stands in for another',
      (pages, first) => changePage(pages, first, () => ({ sealed: pages.get(1)?.sealed ?? new Uint8Array() })),
    ],
  ];
  test.each(alterations)('%s', async (_what, alter) => {
    const { browser, tab, session } = await watched();
    tab.kill();
    const { rows } = copyTestBrowser(browser);
    alter(rows.pages, 4);
    const other = await openTab({ ...makeTestBrowser(), rows }, provider.agencyKey);
    expect(codeOf(await other.call('closeSession', { session }))).toBe('store/altered');
    expect(codeOf(await other.call('receiptFile', { session }))).toBe('receipt/none');
  });
});

describe('an acknowledgement', () => {
  test('is kept, and the same one again is one', async () => {
    const { browser, tab, session, receiptFile } = await closed();
    const acknowledgement = await provider.acknowledge(receiptFile);
    const first = expectValue(await tab.call('acceptAcknowledgement', { session, acknowledgement }));
    const entries = await checkRecord(browser.rows);
    expect(first.state).toBe('accepted');
    expect(entries.at(-1)).toMatchObject({ kind: 'acknowledged', sequenceNumber: 1 });
    expect(expectValue(await tab.call('acceptAcknowledgement', { session, acknowledgement }))).toEqual(first);
    expect(await checkRecord(browser.rows)).toEqual(entries);
    expect(expectValue(await tab.call('sessions', {}))).toMatchObject([{ state: 'accepted' }]);
  });

  test('of another provider, of another session, or altered is refused and nothing is kept', async () => {
    const { browser, tab, session, receiptFile } = await closed();
    const other = await closed();
    const good = await provider.acknowledge(receiptFile);
    const altered = flip(good);
    const before = browser.rows.meta.header;
    const foreign = await provider.acknowledge(receiptFile, 1, signerFromSecret(randomBytes(32)));
    for (const acknowledgement of [altered, foreign, await provider.acknowledge(other.receiptFile)]) {
      expect(codeOf(await tab.call('acceptAcknowledgement', { session, acknowledgement }))).toBe(
        'receipt/acknowledgement',
      );
    }
    expect(browser.rows.meta.header).toEqual(before);
  });

  test('before there is a receipt is refused', async () => {
    const { tab, session } = await watched();
    const { receiptFile } = await closed();
    const acknowledgement = await provider.acknowledge(receiptFile);
    expect(codeOf(await tab.call('acceptAcknowledgement', { session, acknowledgement }))).toBe('receipt/none');
  });
});

function flip(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set([(copy.at(-1) ?? 0) ^ 1], copy.length - 1);
  return copy;
}

function changePage(pages: Map<number, PageRow>, first: number, change: (page: PageRow) => Partial<PageRow>): void {
  const page = pages.get(first);
  if (page === undefined) throw new Error(`no page begins at ${first}`);
  pages.set(first, { ...page, ...change(page) });
}
