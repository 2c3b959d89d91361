// The operation row of a session follows its state by itself, so that start finds by status what is to be finished, and reads nothing else.

import { describe, expect, test } from 'vitest';
import { expectValue, makeTestBrowser, openTab, showFrame } from '../testing/browser.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { beginSession, deliver } from '../testing/steps.ts';

describe('BT-7: the operation of a session', () => {
  test('is working while it is open, waiting once it has its receipt, and done with the provider’s answer', async () => {
    const provider = await makeProviderSide();
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const { session } = await beginSession(provider, tab);
    const operation = () => browser.rows.operations.get(`session/${session}`);
    expect(operation()).toMatchObject({ kind: 'session', status: 'working', code: null, session });
    const opened = operation()?.changedTime;
    browser.clock.advance(1_000);
    expectValue(await deliver(provider, tab, session, 0));
    await showFrame(tab.sink(), 0);
    // A frame does not move the session.
    expect(operation()?.changedTime).toBe(opened);
    const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
    expect(operation()).toMatchObject({ status: 'waiting', changedTime: (opened ?? 0) + 1_000 });
    const acknowledgement = await provider.acknowledge(receiptFile);
    expectValue(await tab.call('acceptAcknowledgement', { session, acknowledgement }));
    expect(operation()).toMatchObject({ status: 'done', code: null });
  });
});
