// The lock over time and tabs: lock now, during play and over a question; two tabs that are one module; the idle lock.

import { describe, expect, test } from 'vitest';
import type { SurfaceAnswer } from '../frame-messages.ts';
import { codeOf, expectValue, openTab, showFrame } from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { lockedWith, questions, statusOf, untilLock, whileTimePasses } from '../testing/lock-steps.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { beginSession, deliver } from '../testing/steps.ts';

const provider = await makeProviderSide();
const MINUTE_MS = 60_000;

describe('CARD-3: lock now', () => {
  test('is refused where no lock is set', async () => {
    const { tab } = await lockedWith(provider);
    expect(codeOf(await tab.call('lock', {}))).toBe('lock/none');
    expect(codeOf(await tab.call('setIdleLock', { minutes: 5 }))).toBe('lock/none');
  });

  test('during play withholds what was not counted, keeps what was, and the session plays on after unlocking', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey');
    const { session } = await beginSession(provider, tab);
    for (const frame of [0, 1, 2]) expectValue(await deliver(provider, tab, session, frame));
    const sink = tab.sink();
    await showFrame(sink, 0);
    expectValue(await tab.call('lock', {}));
    expect(sink.frames.size).toBe(0);
    expect(codeOf(await deliver(provider, tab, session, 3))).toBe('module/locked');
    expect(codeOf(await tab.call('closeSession', { session }))).toBe('module/locked');
    expectValue(await tab.call('unlock', {}));
    expectValue(await tab.call('resumeSession', { session, manifest: provider.manifestBytes }));
    expectValue(await deliver(provider, tab, session, 1));
    await showFrame(tab.sink(), 1);
    expect(expectValue(await tab.call('sessions', {}))).toMatchObject([{ state: 'open', decrypted: [[0, 2]] }]);
    expectValue(await tab.call('setLock', { factor: 'none' }));
    const entries = await checkRecord(browser.rows);
    expect(decryptedFrames(entries)).toEqual([0, 1]);
    expect(entries.filter((entry) => entry.kind === 'failed')).toMatchObject([
      { frame: 1, code: 'frame/withheld' },
      { frame: 2, code: 'frame/withheld' },
    ]);
  });

  test('takes the question that stands off the surface', async () => {
    const { browser, tab } = await lockedWith(provider, 'passphrase');
    const never = Promise.withResolvers<SurfaceAnswer>();
    browser.person.answer = () => never.promise;
    const asking = tab.call('setLock', { factor: 'none' });
    await tab.call('status', {});
    expect(codeOf(await tab.call('setAllowance', { dayMinor: 1_000_000 }))).toBe('consent/busy');
    expectValue(await tab.call('lock', {}));
    expect(codeOf(await asking)).toBe('consent/refused');
    expect(tab.events.filter(({ type }) => type === 'surface').at(-1)).toEqual({ type: 'surface', state: 'hidden' });
  });
});

describe('CARD-3: two tabs', () => {
  test('a tab that opens beside an open one needs no factor; locking one locks both; unlocking one unlocks both', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey');
    const other = await openTab(browser, provider.agencyKey);
    expect(await statusOf(other)).toMatchObject({ lock: 'unlocked' });
    expect(questions(browser)).not.toContain('unlock');
    expectValue(await other.call('lock', {}));
    await untilLock(tab, 'locked');
    expectValue(await tab.call('unlock', {}));
    await untilLock(other, 'unlocked');
    expect((await statusOf(other)).moduleId).toBe((await statusOf(tab)).moduleId);
  });

  test('closing the last tab locks', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey');
    const other = await openTab(browser, provider.agencyKey);
    tab.kill();
    const third = await openTab(browser, provider.agencyKey);
    expect((await statusOf(third)).lock).toBe('unlocked');
    other.kill();
    third.kill();
    const fresh = await openTab(browser, provider.agencyKey);
    expect((await statusOf(fresh)).lock).toBe('locked');
  });

  test('a lock set in one tab is the lock of both', async () => {
    const { browser, tab } = await lockedWith(provider);
    const other = await openTab(browser, provider.agencyKey);
    expectValue(await tab.call('setLock', { factor: 'passphrase' }));
    await untilLock(other, 'unlocked');
    expectValue(await other.call('lock', {}));
    await untilLock(tab, 'locked');
  });

  test('two changes of the lock at once: the one that was built on an older vault is refused, and the other stands', async () => {
    const { browser, tab } = await lockedWith(provider);
    const other = await openTab(browser, provider.agencyKey);
    const slow = Promise.withResolvers<SurfaceAnswer>();
    const { person } = browser;
    person.answer = (question) => (question.kind === 'new-passphrase' ? slow.promise : person.agree(question));
    const late = other.call('setLock', { factor: 'passphrase' });
    expectValue(await tab.call('setLock', { factor: 'passkey' }));
    slow.resolve({ kind: 'passphrase', passphrase: 'one that came too late' });
    expect(codeOf(await late)).toBe('store/conflict');
    expect(browser.rows.meta.vault?.slots.map(({ kind }) => kind)).toEqual(['passkey']);
  });

  test('a tab that is frozen gives no keys: the other one asks for the factor after a short wait', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey');
    browser.hintListeners.clear();
    const opening = openTab(browser, provider.agencyKey);
    const fresh = await whileTimePasses(browser, opening);
    expect((await statusOf(fresh)).lock).toBe('locked');
    expectValue(await fresh.call('unlock', {}));
    tab.kill();
  });
});

describe('CARD-3: the idle lock', () => {
  test('locks after the minutes that were set, and use in any tab begins them anew', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey');
    expectValue(await tab.call('setIdleLock', { minutes: 5 }));
    const other = await openTab(browser, provider.agencyKey);
    browser.clock.advance(4 * MINUTE_MS);
    expectValue(await other.call('receiptFile', { session: '00'.repeat(16) }).then(() => other.call('status', {})));
    browser.clock.advance(4 * MINUTE_MS);
    expect((await statusOf(tab)).lock).toBe('unlocked');
    browser.clock.advance(MINUTE_MS);
    await untilLock(tab, 'locked');
    await untilLock(other, 'locked');
  });

  test('play counts as use', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey');
    const { session } = await beginSession(provider, tab);
    expectValue(await tab.call('setIdleLock', { minutes: 1 }));
    for (const frame of [0, 1, 2, 3]) {
      browser.clock.advance(50_000);
      expectValue(await deliver(provider, tab, session, frame));
    }
    expect((await statusOf(tab)).lock).toBe('unlocked');
    browser.clock.advance(MINUTE_MS);
    await untilLock(tab, 'locked');
  });

  test('asking how the module is does not keep it open, and is there again after a restart', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey');
    expectValue(await tab.call('setIdleLock', { minutes: 3 }));
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    expectValue(await later.call('unlock', {}));
    for (let minute = 0; minute < 3; minute += 1) {
      expect(await statusOf(later)).toMatchObject({ lock: 'unlocked', idleLockMinutes: 3 });
      browser.clock.advance(MINUTE_MS);
    }
    await untilLock(later, 'locked');
  });

  test('is shortened freely, and is made longer or taken away with approval only', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey');
    browser.person.answer = () => ({ kind: 'refused' });
    expectValue(await tab.call('setIdleLock', { minutes: 30 }));
    expectValue(await tab.call('setIdleLock', { minutes: 10 }));
    expect(codeOf(await tab.call('setIdleLock', { minutes: 11 }))).toBe('consent/refused');
    expect(codeOf(await tab.call('setIdleLock', { minutes: null }))).toBe('consent/refused');
    expect(await statusOf(tab)).toMatchObject({ idleLockMinutes: 10 });
    browser.person.answer = browser.person.agree;
    expectValue(await tab.call('setIdleLock', { minutes: null }));
    expect(await statusOf(tab)).toMatchObject({ idleLockMinutes: null });
  });

  test.each([0, 1_441, 1.5, '5'])('refuses %s minutes', async (minutes) => {
    const { tab } = await lockedWith(provider, 'passphrase');
    tab.post({
      ...{ id: 'odd', type: 'APPLY', path: ['setIdleLock'] },
      argumentList: [{ type: 'RAW', value: { minutes } }],
    });
    await tab.call('status', {});
    expect(JSON.stringify(tab.outward)).toContain('request/malformed');
  });
});
