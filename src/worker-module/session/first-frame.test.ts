// A first frame that is reserved with its session: in the same durable change, used once, and never counted by that.

import { expect, test } from 'vitest';
import { codeOf, expectValue, makeTestBrowser, openTab, showFrame, type TestBrowser } from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { makeProviderSide, SOUND_LABEL, VIDEO_LABEL } from '../testing/provider-side.ts';
import { deliver, enrol } from '../testing/steps.ts';

const provider = await makeProviderSide();

async function granted(ranges?: readonly (readonly [number, number])[]) {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { grant, session } = await provider.grant(await enrol(provider, tab), ranges);
  const open = (first: unknown) =>
    tab.call('openSession', {
      programme: provider.programmeBytes,
      manifest: provider.manifestBytes,
      grant,
      providerCertificate: provider.providerCertificate,
      first: first as { frame: number; rung: string },
    });
  return { browser, tab, session, open };
}

async function kinds(browser: TestBrowser): Promise<readonly string[]> {
  const entries = await checkRecord(browser.rows);
  const opened = entries.findIndex(({ kind }) => kind === 'opened');
  return entries.slice(opened).map((entry) => (entry.kind === 'failed' ? `failed ${entry.code}` : entry.kind));
}

test('BT-4: is reserved with the session in one change, and its delivery reserves nothing more', async () => {
  const { browser, tab, session, open } = await granted();
  const before = browser.rows.meta.header?.revision ?? 0;
  expect(expectValue(await open({ frame: 0, rung: VIDEO_LABEL }))).toMatchObject({ session, count: 0 });
  expect(browser.rows.meta.header?.revision).toBe(before + 1);
  expect(await kinds(browser)).toEqual(['opened', 'reserved']);
  expect(expectValue(await deliver(provider, tab, session, 0))).toEqual({ replay: false });
  expect(browser.rows.meta.header?.revision).toBe(before + 1);
  await showFrame(tab.sink(), 0);
  expect(await kinds(browser)).toEqual(['opened', 'reserved', 'decrypted']);
});

test('BT-4: is reserved by itself where another rung or another frame is delivered first', async () => {
  for (const first of [
    { frame: 0, rung: SOUND_LABEL },
    { frame: 1, rung: VIDEO_LABEL },
  ]) {
    const { browser, tab, session, open } = await granted();
    expectValue(await open(first));
    expectValue(await deliver(provider, tab, session, 0));
    expect(await kinds(browser)).toEqual(['opened', 'reserved', 'reserved']);
    await showFrame(tab.sink(), 0);
    expect((await kinds(browser)).at(-1)).toBe('decrypted');
  }
});

test('BT-4: a bad copy of it fails, and the next one is reserved anew', async () => {
  const { browser, tab, session, open } = await granted();
  expectValue(await open({ frame: 0, rung: VIDEO_LABEL }));
  const parts = provider.partsOf(0).map(({ label }) => ({ label, sealed: new ArrayBuffer(40) }));
  expect(codeOf(await tab.call('deliver', { session, frame: 0, parts }))).toMatch(/^frame\//);
  expectValue(await deliver(provider, tab, session, 0));
  await showFrame(tab.sink(), 0);
  const found = await kinds(browser);
  expect(found[2]).toMatch(/^failed frame\//);
  expect(found.slice(3)).toEqual(['reserved', 'decrypted']);
});

test('BT-4: one that never comes is withheld with the end of the session, and costs nothing', async () => {
  const { browser, tab, session, open } = await granted();
  expectValue(await open({ frame: 0, rung: VIDEO_LABEL }));
  expectValue(await tab.call('closeSession', { session }));
  expect(await kinds(browser)).toEqual(['opened', 'reserved', 'failed frame/withheld', 'closed', 'receipt']);
  const [view] = expectValue(await tab.call('sessions', {}));
  expect(view).toMatchObject({ count: 0, amountMinor: 0 });
});

test('BT-4: one of a tab that was killed is settled as interrupted, and the session, of which nothing was shown, is ended', async () => {
  const { browser, tab, session, open } = await granted();
  expectValue(await open({ frame: 0, rung: VIDEO_LABEL }));
  tab.kill();
  const again = await openTab(browser, provider.agencyKey);
  expect(codeOf(await again.call('resumeSession', { session, manifest: provider.manifestBytes }))).toBe(
    'session/closed',
  );
  expect((await kinds(browser)).slice(2)).toEqual(['failed frame/interrupted', 'closed', 'receipt']);
});

test('BT-4: one that the grant does not cover is not reserved; the session opens all the same', async () => {
  const { browser, open } = await granted([[2, 6]]);
  expectValue(await open({ frame: 0, rung: VIDEO_LABEL }));
  expect(await kinds(browser)).toEqual(['opened']);
});

test.each([
  ['a rung that the programme has not', { frame: 0, rung: 'video/9p' }, 'frame/unknown-part'],
  ['a frame that the programme has not', { frame: 60_000, rung: VIDEO_LABEL }, 'frame/unknown-part'],
  ['no number', { frame: '0', rung: VIDEO_LABEL }, 'request/malformed'],
  ['a number below zero', { frame: -1, rung: VIDEO_LABEL }, 'request/malformed'],
  ['no rung', { frame: 0 }, 'request/malformed'],
  ['another member', { frame: 0, rung: SOUND_LABEL, late: true }, 'request/malformed'],
  ['nothing', null, 'request/malformed'],
])('BT-2: a first frame with %s opens nothing and leaves no trace', async (_what, first, code) => {
  const { browser, open } = await granted();
  const before = browser.rows.meta.header;
  expect(codeOf(await open(first))).toBe(code);
  expect(browser.rows.meta.header).toEqual(before);
});
