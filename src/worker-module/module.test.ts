// The module as a page meets it: through the gate, over in-memory storage, against a provider that really signs and seals.

import { describe, expect, test } from 'vitest';
import { equalBytes } from '../protocol/bytes.ts';
import { verifyCertificate } from '../protocol/certificate.ts';
import { verifyReceipt } from '../protocol/receipt.ts';
import { decodeReceiptFile } from '../protocol/receipt-file.ts';
import { webCryptoSuite } from '../protocol/suite/webcrypto.ts';
import { codeOf, expectValue, makeTestBrowser, openTab, showFrame } from './testing/browser.ts';
import { makeProviderSide, START_TIME, VIDEO_LABEL } from './testing/provider-side.ts';
import { beginSession, deliver } from './testing/steps.ts';

describe('a session', () => {
  test('BT-4: a delivered frame reaches the display in the clear, and is counted when it is shown', async () => {
    const provider = await makeProviderSide();
    const tab = await openTab(makeTestBrowser(), provider.agencyKey);
    const { session } = await beginSession(provider, tab);
    expect(expectValue(await deliver(provider, tab, session, 3))).toEqual({ replay: false });
    const prepared = tab.sink().frames.get(3);
    expect(prepared?.rung).toBe(VIDEO_LABEL);
    expect(prepared?.parts.get(VIDEO_LABEL)).toEqual(provider.clearOf(3, VIDEO_LABEL));
    await showFrame(tab.sink(), 3);
    const [view] = expectValue(await tab.call('sessions', {}));
    expect(view).toMatchObject({ count: 1, amountMinor: 20, decrypted: [[3, 4]] });
    expect(tab.events).toContainEqual({
      ...{ type: 'frame', session, frame: 3, outcome: 'decrypted', late: false, rung: VIDEO_LABEL },
      ...{ code: null, count: 1, amountMinor: 20, counter: 4 },
    });
  });

  test('BT-8: a closed session gives a receipt of the frames shown, and the same bytes ever after', async () => {
    const provider = await makeProviderSide();
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const { session, certificate } = await beginSession(provider, tab);
    for (const frame of [0, 1, 5]) expectValue(await deliver(provider, tab, session, frame));
    await showFrame(tab.sink(), 0);
    await showFrame(tab.sink(), 5, true);
    const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
    const file = decodeReceiptFile(receiptFile);
    const module = await verifyCertificate({
      ...{ bytes: certificate, agencyKey: provider.agencyKey, role: 'module', now: START_TIME, suite: webCryptoSuite },
    });
    const receipt = await verifyReceipt({ bytes: file.receipt, module, suite: webCryptoSuite });
    expect(receipt).toMatchObject({
      ...{ session, count: 2, onTime: 1, late: 1, withheld: 1, failed: 0, amountMinor: 40n, counter: 9 },
      frames: [
        [0, 1],
        [5, 6],
      ],
    });
    expect(receipt.rungs).toEqual(new Map([[VIDEO_LABEL, 2]]));
    const reopened = await openTab(browser, provider.agencyKey);
    expect(equalBytes(expectValue(await reopened.call('closeSession', { session })).receiptFile, receiptFile)).toBe(
      true,
    );
    expect(equalBytes(expectValue(await reopened.call('receiptFile', { session })).receiptFile, receiptFile)).toBe(
      true,
    );
    expect(codeOf(await deliver(provider, reopened, session, 6))).toBe('session/closed');
  });
});
