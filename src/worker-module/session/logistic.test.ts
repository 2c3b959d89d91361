// A session under the documents' own function (docs/protocol.md §25) in the whole module: BT-6. What a programme's own function does in a
// session is tested beside each duty; here is what differs.

import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../protocol/vectors/cast.ts';
import { codeOf, expectValue, makeTestBrowser, openTab, type TestTab } from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { beginSession } from '../testing/steps.ts';

const provider = await makeProviderSide({ replay: 'none' });
const openFrame = (tab: TestTab, session: string, frame: number) =>
  tab.call('openFrame', { session, frame, parts: provider.partsOf(frame) });

async function begin() {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const altered = { mode: 'frames', logisticSecret: bytesOf('a session of its own') } as const;
  return { browser, tab, ...(await beginSession(provider, tab, [[0, 10]], altered)) };
}

describe('BT-6: a session under the logistic function', () => {
  test('opens frames forwards, one after another and with gaps, and counts each', async () => {
    const { browser, tab, session } = await begin();
    for (const frame of [0, 1, 4]) {
      const { parts } = expectValue(await openFrame(tab, session, frame));
      for (const { label, clear } of parts) expect(clear).toEqual(provider.clearOf(frame, label));
    }
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([0, 1, 4]);
  });

  test('does not go backwards: a frame behind is spent, uncounted, and the way forwards stays open', async () => {
    const { browser, tab, session } = await begin();
    expectValue(await openFrame(tab, session, 4));
    for (const frame of [0, 3, 4]) expect(codeOf(await openFrame(tab, session, frame))).toBe('sequence/spent');
    expectValue(await openFrame(tab, session, 5));
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([4, 5]);
  });

  test('goes on in another tab where it was, from what is stored, and not behind it', async () => {
    const { browser, tab, session } = await begin();
    expectValue(await openFrame(tab, session, 2));
    const later = await openTab(browser, provider.agencyKey);
    const manifest = provider.manifestBytes;
    const resumed = await later.call('resumeSession', { session, manifest });
    expect(resumed.ok).toBe(true);
    expect(codeOf(await openFrame(later, session, 1))).toBe('sequence/spent');
    const { parts } = expectValue(await openFrame(later, session, 7));
    for (const { label, clear } of parts) expect(clear).toEqual(provider.clearOf(7, label));
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([2, 7]);
  });
});
