// A change of the lock, cut at every storage call, before and after its effect: the old or the new factor opens the module, nothing of it is
// lost, and at the next start no clear root key is left behind a lock.

import { describe, expect, test } from 'vitest';
import type { LockFactor } from '../commands.ts';
import { deriveModuleKeys } from '../keys/root.ts';
import { openDeviceSlot } from '../keys/vault.ts';
import {
  copyTestBrowser,
  expectValue,
  makeTestBrowser,
  openTab,
  showFrame,
  type TestBrowser,
  type TestTab,
} from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { bytesWithin } from '../testing/find-bytes.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { beginSession } from '../testing/steps.ts';

const provider = await makeProviderSide();

type Change = (tab: TestTab) => ReturnType<TestTab['call']>;
const set =
  (factor: LockFactor | 'none'): Change =>
  (tab) =>
    tab.call('setLock', { factor });
const remove =
  (factor: LockFactor): Change =>
  (tab) =>
    tab.call('removeFactor', { factor });

/** What is done, with which factors before it, and which ones open the module when it was cut. */
const CHANGES: readonly (readonly [string, readonly LockFactor[], Change, readonly string[]])[] = [
  ['setting a passkey', [], set('passkey'), ['', 'passkey']],
  ['adding a passphrase to a passkey', ['passkey'], set('passphrase'), ['passkey', 'passkey passphrase']],
  ['changing a passkey', ['passkey'], set('passkey'), ['passkey']],
  ['changing a passphrase', ['passphrase'], set('passphrase'), ['passphrase']],
  ['removing both', ['passkey', 'passphrase'], set('none'), ['', 'passkey passphrase']],
  ['removing a passkey', ['passkey', 'passphrase'], remove('passkey'), ['passkey passphrase', 'passphrase']],
  ['removing a passphrase', ['passkey', 'passphrase'], remove('passphrase'), ['passkey', 'passkey passphrase']],
  ['removing the last factor', ['passphrase'], remove('passphrase'), ['', 'passphrase']],
];

/** A module with a session, locked with these factors, at rest; its root key and how many entries it has. */
async function prepared(factors: readonly LockFactor[]) {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const rootKey = openDeviceSlot(browser.rows.meta.vault?.slots ?? []) ?? new Uint8Array(32);
  await beginSession(provider, tab);
  for (const factor of factors) expectValue(await tab.call('setLock', { factor }));
  const { counter, moduleId } = expectValue(await tab.call('status', {}));
  tab.kill();
  return { browser, rootKey, counter, moduleId };
}

async function unlocked(browser: TestBrowser) {
  const tab = await openTab(browser, provider.agencyKey);
  expectValue(await tab.call('unlock', {}));
  return tab;
}

describe('CARD-3: a change of the lock is atomic', () => {
  test.each(CHANGES)('%s, cut at every storage call', async (_what, factors, change, expected) => {
    const { browser: rested, rootKey, counter, moduleId } = await prepared(factors);
    const isLocked = (browser: TestBrowser) => browser.rows.meta.vault?.slots.every(({ kind }) => kind !== 'device');
    const outcomes = new Set<string>();
    let lastCall = 1;
    for (let call = 1; call <= lastCall; call += 1) {
      for (const side of ['before', 'after'] as const) {
        const browser = copyTestBrowser(rested);
        const tab = await unlocked(browser);
        tab.store.setFault({ call, side });
        const result = await change(tab);
        if (!tab.store.isDead()) {
          expectValue(result);
          continue;
        }
        lastCall = call + 1;
        tab.kill();
        const restarted = await openTab(browser, provider.agencyKey);
        const place = `${call} ${side}`;
        const told = expectValue(await restarted.call('status', {}));
        expect(told.storage, place).toBe('ready');
        outcomes.add(told.factors.join(' '));
        // Whatever the cut left: behind a lock there is no clear root key, not even while nobody has unlocked.
        if (isLocked(browser)) expect(bytesWithin([browser.rows, browser.slotBytes], rootKey), place).toBe(false);
        expectValue(await restarted.call('unlock', {}));
        const open = expectValue(await restarted.call('status', {}));
        expect(open, place).toMatchObject({ counter, moduleId, storage: 'ready' });
        expect(expectValue(await restarted.call('sessions', {})), place).toHaveLength(1);
        restarted.kill();
        // The database thrown away as well: the checkpoint alone is opened by the same factors.
        const alone = { ...makeTestBrowser(), slotBytes: browser.slotBytes, person: browser.person };
        const bare = await openTab(alone, provider.agencyKey);
        expect(expectValue(await bare.call('status', {})), place).toMatchObject({
          storage: 'wiped',
          factors: told.factors,
        });
      }
    }
    expect(lastCall).toBeGreaterThan(8);
    expect([...outcomes].sort()).toEqual(expected);
  });

  test('set, cut after the first slot, and the database thrown away: the root key is taken out of the other slot', async () => {
    const { browser, rootKey } = await prepared([]);
    const tab = await unlocked(browser);
    const before = structuredClone(browser.slotBytes);
    expectValue(await tab.call('setLock', { factor: 'passkey' }));
    tab.kill();
    for (const older of [0, 1] as const) {
      const slotBytes = structuredClone(browser.slotBytes);
      slotBytes[older] = before[older];
      expect(bytesWithin(slotBytes, rootKey)).toBe(true);
      const bare = { ...makeTestBrowser(), slotBytes, person: browser.person };
      const lost = await openTab(bare, provider.agencyKey);
      expect(expectValue(await lost.call('status', {}))).toMatchObject({ storage: 'wiped', lock: 'locked' });
      expect(bytesWithin(slotBytes, rootKey)).toBe(false);
      expectValue(await lost.call('unlock', {}));
      expectValue(await lost.call('recover', {}));
    }
  });

  test('set, cut before any slot followed, and the start that mends them cut at every storage call: the next one does it', async () => {
    const { browser: rested, rootKey } = await prepared([]);
    const tab = await unlocked(rested);
    const before = structuredClone(rested.slotBytes);
    expectValue(await tab.call('setLock', { factor: 'passkey' }));
    tab.kill();
    rested.slotBytes[0] = before[0];
    rested.slotBytes[1] = before[1];
    let lastCall = 1;
    for (let call = 1; call <= lastCall; call += 1) {
      for (const side of ['before', 'after'] as const) {
        const browser = copyTestBrowser(rested);
        const mending = await openTab(browser, provider.agencyKey, { call, side });
        if (!mending.store.isDead()) continue;
        lastCall = call + 1;
        mending.kill();
        const later = await unlocked(browser);
        expect(expectValue(await later.call('status', {})), `${call} ${side}`).toMatchObject({ storage: 'ready' });
        expect(bytesWithin([browser.rows, browser.slotBytes], rootKey), `${call} ${side}`).toBe(false);
      }
    }
    expect(lastCall).toBeGreaterThan(5);
  });

  test('a passphrase that was changed, cut before the checkpoint followed: after unlocking the old one opens no slot', async () => {
    const { browser } = await prepared(['passphrase']);
    const tab = await unlocked(browser);
    const before = structuredClone(browser.slotBytes);
    expectValue(await tab.call('setLock', { factor: 'passphrase' }));
    tab.kill();
    browser.slotBytes[0] = before[0];
    browser.slotBytes[1] = before[1];
    const later = await unlocked(browser);
    later.kill();
    const vaultBytes = browser.rows.meta.vault?.slots.flatMap((slot) => ('salt' in slot ? [slot.salt] : [])) ?? [];
    expect(vaultBytes).toHaveLength(1);
    for (const slot of browser.slotBytes) expect(bytesWithin(slot, vaultBytes[0] ?? new Uint8Array(1))).toBe(true);
  });
});

test('CARD-3: a factor that was removed, cut before the checkpoint followed, is in no slot once the module was unlocked', async () => {
  const { browser } = await prepared(['passkey', 'passphrase']);
  const [removed] = browser.rows.meta.vault?.slots.flatMap((slot) => ('credentialId' in slot ? [slot] : [])) ?? [];
  if (removed === undefined) throw new Error('expected a slot of a passkey');
  const tab = await unlocked(browser);
  const before = structuredClone(browser.slotBytes);
  expectValue(await tab.call('removeFactor', { factor: 'passkey' }));
  tab.kill();
  browser.slotBytes[0] = before[0];
  browser.slotBytes[1] = before[1];
  expect(bytesWithin(browser.slotBytes, removed.credentialId)).toBe(true);
  const later = await unlocked(browser);
  later.kill();
  expect(bytesWithin([browser.rows, browser.slotBytes], removed.credentialId)).toBe(false);
});

describe('CARD-3: locking is no loss', () => {
  const commands = {
    lock: (tab: TestTab) => tab.call('lock', {}),
    setIdleLock: (tab: TestTab) => tab.call('setIdleLock', { minutes: 7 }),
  };
  test.each(['lock', 'setIdleLock'] as const)('%s during play, cut at every storage call', async (name) => {
    const { browser: rested, rootKey } = await prepared(['passkey']);
    const { recordKey } = await deriveModuleKeys(rootKey);
    let lastCall = 1;
    for (let call = 1; call <= lastCall; call += 1) {
      for (const side of ['before', 'after'] as const) {
        const browser = copyTestBrowser(rested);
        const tab = await unlocked(browser);
        const session = await playing(tab);
        tab.store.setFault({ call, side });
        await commands[name](tab);
        if (!tab.store.isDead()) continue;
        lastCall = call + 1;
        tab.kill();
        const later = await unlocked(browser);
        const place = `${name} ${call} ${side}`;
        expect(expectValue(await later.call('status', {})), place).toMatchObject({ storage: 'ready' });
        expectValue(await later.call('resumeSession', { session, manifest: provider.manifestBytes }));
        const entries = await checkRecord(browser.rows, recordKey);
        // Shown once is counted once; what was with the display and not shown has come to an end that says so.
        expect(decryptedFrames(entries), place).toEqual([0]);
        expect(
          entries.filter((entry) => entry.kind === 'failed' && entry.frame === 1),
          place,
        ).toHaveLength(1);
      }
    }
    expect(lastCall).toBeGreaterThan(2);
  });
});

/** Takes the open session up, shows frame 0 and has frame 1 with the display. */
async function playing(tab: TestTab): Promise<string> {
  const [view] = expectValue(await tab.call('sessions', {}));
  const session = view?.session ?? '';
  expectValue(await tab.call('resumeSession', { session, manifest: provider.manifestBytes }));
  for (const frame of [0, 1]) {
    const parts = provider.partsOf(frame);
    expectValue(await tab.call('deliver', { session, frame, parts }));
  }
  await showFrame(tab.sink(), 0);
  return session;
}
