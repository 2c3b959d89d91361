// Live updates in the module, BT-10: it learns of frames only from its provider's signed line, a late joiner has neither a segment nor a key
// of what came before, and a provider that tells two stories is caught with both of them kept.

import { describe, expect, test } from 'vitest';
import { verifyClaim } from '../../protocol/claim.ts';
import { COSE_TYPES } from '../../protocol/cose.ts';
import { hashObject } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { checkReceiptFile } from '../../protocol/receipt-checks.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import { bitFlipped, resigned } from '../../protocol/vectors/altered.ts';
import { codeOf, expectValue, makeTestBrowser, openTab, showFrame, type TestTab } from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { FRAME_COUNT, LIVE, makeProviderSide, PROMISED, randomBytes } from '../testing/provider-side.ts';
import { beginSession, deliver, settle } from '../testing/steps.ts';

const provider = await makeProviderSide({ live: LIVE });
const whole = await makeProviderSide();
const by = { signer: provider.providerSigner, typ: COSE_TYPES.liveUpdate };

async function began(ranges?: readonly (readonly [number, number])[]) {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  return { browser, tab, ...(await beginSession(provider, tab, ranges)) };
}

const tell = (tab: TestTab, session: string, from: number, to: number) =>
  tab.call('extendManifest', { session, updates: provider.updates.slice(from, to) });

const updateAt = (number: number): Uint8Array => provider.updates[number] ?? new Uint8Array();

describe('BT-9, BT-10: a live session with a contract', () => {
  test('claims the standing still before a moment that nobody sent, from its receipt', async () => {
    const promising = await makeProviderSide({ live: LIVE, contract: PROMISED });
    const tab = await openTab(makeTestBrowser(), promising.agencyKey);
    const { session } = await beginSession(promising, tab);
    expectValue(await tab.call('extendManifest', { session, updates: promising.updates.slice(0, 1) }));
    expectValue(await deliver(promising, tab, session, 0));
    await showFrame(tab.sink(), 0);
    // Its display stands still for frame 1, which is not told, until play is taken past it.
    await tab.sink().noteStall(1, PROMISED.longestStallMs + 4_000);
    await settle(promising, tab, session);
    const { receiptFile } = expectValue(await tab.call('receiptFile', { session }));
    const { agencyKey } = promising;
    const { receipt, module, checks } = await checkReceiptFile({ file: receiptFile, agencyKey, suite });
    expect(checks.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(receipt?.delivery).toMatchObject({ stalls: [[1, PROMISED.longestStallMs + 4_000]], lostFrames: [] });
    const { claim } = expectValue(await tab.call('makeClaim', { session }));
    if (module === null) throw new Error('its certificate is not believed');
    const { lines } = await verifyClaim({ bytes: claim, module, suite });
    expect(lines).toEqual([{ kind: 'stall', from: 1, to: 2 }]);
  });
});

describe('BT-10: a live session', () => {
  test('opens a frame once it was told of it, counts it, and ends with a receipt like any other', async () => {
    const { tab, session, browser } = await began();
    expect(codeOf(await deliver(provider, tab, session, 0))).toBe('frame/unknown-part');
    expect(expectValue(await tell(tab, session, 0, 3)).live).toEqual({
      ...{ startTime: LIVE.startTime, windowFrames: LIVE.windowFrames },
      ...{ first: 0, edge: 3, ended: false, contradicted: false },
    });
    expect(tab.sink().grown()).toBe(1);
    for (const frame of [0, 1, 2]) {
      expectValue(await deliver(provider, tab, session, frame));
      await showFrame(tab.sink(), frame);
    }
    expect(codeOf(await deliver(provider, tab, session, 3))).toBe('frame/unknown-part');
    // Nothing that was refused before its key is in the record.
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([0, 1, 2]);
    await settle(provider, tab, session);
    const [receipt] = expectValue(await tab.call('receipts', {}));
    expect(receipt).toMatchObject({ session, state: 'accepted', count: 3 });
  });

  test('that joins late knows nothing from before, and its grant has no key of it', async () => {
    const { tab, session } = await began([[20, 30]]);
    const view = expectValue(await tell(tab, session, 20, 24));
    expect(view.live).toMatchObject({ first: 20, edge: 24 });
    expect(codeOf(await tell(tab, session, 0, 20))).toBe('live/gap');
    expect(codeOf(await deliver(provider, tab, session, 19))).toBe('grant/not-covered');
    expectValue(await deliver(provider, tab, session, 20));
  });

  test('is told its end', async () => {
    const { tab, session } = await began();
    expect(expectValue(await tell(tab, session, 0, FRAME_COUNT)).live).toMatchObject({
      edge: FRAME_COUNT,
      ended: true,
    });
  });

  test('that is taken up again joins anew, and what it counted stays counted', async () => {
    const { tab, session, browser } = await began();
    expectValue(await tell(tab, session, 0, 2));
    expectValue(await deliver(provider, tab, session, 1));
    await showFrame(tab.sink(), 1);
    const resumed = expectValue(await tab.call('resumeSession', { session, manifest: provider.manifestBytes }));
    expect(resumed.live).toMatchObject({ first: null, edge: null });
    expect(resumed.count).toBe(1);
    expectValue(await tell(tab, session, 1, 3));
    expect(expectValue(await deliver(provider, tab, session, 1))).toEqual({ replay: true });
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    const [view] = expectValue(await later.call('sessions', {}));
    expect(view).toMatchObject({ count: 1, live: { first: null, edge: null, ended: false } });
  });
});

describe('BT-10: what is not the line of its provider', () => {
  test.each<[string, () => Promise<Uint8Array>, string]>([
    ['an update with a bit turned over', async () => bitFlipped(updateAt(2)), 'live/malformed'],
    [
      'one that somebody else signed',
      () => resigned(updateAt(2), { ...by, signer: signerFromSecret(randomBytes(32)) }),
      'live/malformed',
    ],
    ['one of another programme', () => resigned(updateAt(2), by, ['programme', randomBytes(16)]), 'live/malformed'],
    [
      'one of frames that have not begun',
      () => resigned(updateAt(2), by, ['iat', (LIVE.startTime - LIMITS.clockToleranceMs) / 1000]),
      'live/malformed',
    ],
    ['one that leaves another out', async () => updateAt(3), 'live/gap'],
    ['no update', async () => randomBytes(40), 'live/malformed'],
  ])('%s is refused, and the line stays as it was', async (_what, make, code) => {
    const { tab, session } = await began();
    expectValue(await tell(tab, session, 0, 2));
    expect(codeOf(await tab.call('extendManifest', { session, updates: [await make()] }))).toBe(code);
    expect(codeOf(await deliver(provider, tab, session, 2))).toBe('frame/unknown-part');
    expect(expectValue(await tell(tab, session, 0, 3)).live).toMatchObject({ edge: 3 });
  });

  test('a second update of one number is kept beside the first, for good, and nothing more is taken', async () => {
    const { tab, session, browser } = await began();
    expectValue(await tell(tab, session, 0, 2));
    const other = await resigned(updateAt(1), by, ['previous', randomBytes(32)]);
    expect(codeOf(await tab.call('extendManifest', { session, updates: [other] }))).toBe('live/equivocation');
    expect(codeOf(await tell(tab, session, 2, 3))).toBe('live/equivocation');
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    const [view] = expectValue(await later.call('sessions', {}));
    expect(view?.live).toMatchObject({ contradicted: true });
    expect(hashObject(other)).not.toBe(hashObject(updateAt(1)));
  });

  test('a programme that is whole has no updates, and no session is told of another tab’s', async () => {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, whole.agencyKey);
    const { session } = await beginSession(whole, tab);
    expect(codeOf(await tab.call('extendManifest', { session, updates: [] }))).toBe('live/not-live');
    const second = await openTab(browser, whole.agencyKey);
    expect(codeOf(await second.call('extendManifest', { session, updates: [] }))).toBe('session/not-active');
  });

  test('more updates than a module takes at once are refused', async () => {
    const { tab, session } = await began();
    const updates = Array.from({ length: LIMITS.liveUpdatesAtOnce + 1 }, () => updateAt(0));
    expect(codeOf(await tab.call('extendManifest', { session, updates }))).toBe('request/malformed');
  });
});
