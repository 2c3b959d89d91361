// A clock that is ten years wrong, in either direction, in the middle of a session: the record counts on, and what was shown is what is paid.

import { describe, expect, test } from 'vitest';
import { verifyCertificate } from '../../protocol/certificate.ts';
import { verifyReceipt } from '../../protocol/receipt.ts';
import { decodeReceiptFile } from '../../protocol/receipt-file.ts';
import { webCryptoSuite } from '../../protocol/suite/webcrypto.ts';
import { codeOf, expectValue, makeTestBrowser, openTab, showFrame } from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { beginSession, deliver } from '../testing/steps.ts';
import { START_TIME } from '../testing/test-clock.ts';

const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

const provider = await makeProviderSide();

async function playedBefore() {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { session } = await beginSession(provider, tab);
  expectValue(await deliver(provider, tab, session, 0));
  await showFrame(tab.sink(), 0);
  return { browser, tab, session };
}

async function expectReceipt(bytes: Uint8Array, count: number) {
  const { receipt, certificate } = decodeReceiptFile(bytes);
  const { agencyKey } = provider;
  const suite = webCryptoSuite;
  const module = await verifyCertificate({ bytes: certificate, agencyKey, role: 'module', now: START_TIME, suite });
  const verified = await verifyReceipt({ bytes: receipt, module, suite });
  expect(verified.count).toBe(count);
  return verified;
}

describe('BT-7: a clock that is ten years wrong', () => {
  test('behind: play goes on, nothing is counted twice, and the receipt’s times hold together', async () => {
    const { browser, tab, session } = await playedBefore();
    browser.clock.advance(-TEN_YEARS_MS);
    expectValue(await deliver(provider, tab, session, 1));
    await showFrame(tab.sink(), 1);
    expectValue(await deliver(provider, tab, session, 0));
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    expect(expectValue(await later.call('status', {})).storage).toBe('ready');
    const { receiptFile } = expectValue(await later.call('closeSession', { session }));
    const receipt = await expectReceipt(receiptFile, 2);
    expect(receipt.firstTime).toBeLessThan(receipt.lastTime);
    expect(receipt.issuedAt).toBeGreaterThanOrEqual(receipt.lastTime);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([0, 1]);
  });

  test('ahead: no more is opened under a grant that is over, and what was shown is still closed and signed', async () => {
    const { browser, tab, session } = await playedBefore();
    browser.clock.advance(TEN_YEARS_MS);
    expect(codeOf(await deliver(provider, tab, session, 1))).toBe('grant/expired');
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    expect(expectValue(await later.call('status', {})).storage).toBe('ready');
    const { receiptFile } = expectValue(await later.call('closeSession', { session }));
    await expectReceipt(receiptFile, 1);
    browser.clock.advance(-TEN_YEARS_MS);
    const again = await openTab(browser, provider.agencyKey);
    expect(expectValue(await again.call('closeSession', { session })).receiptFile).toEqual(receiptFile);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([0]);
  });

  test('at the first start, and right at the second one, is no loss of the store', async () => {
    const browser = makeTestBrowser();
    browser.clock.advance(-TEN_YEARS_MS);
    const tab = await openTab(browser, provider.agencyKey);
    expectValue(await tab.call('enrolmentRequest', {}));
    tab.kill();
    browser.clock.advance(2 * TEN_YEARS_MS);
    const later = await openTab(browser, provider.agencyKey);
    expect(expectValue(await later.call('status', {})).storage).toBe('ready');
  });
});
