// The lock as a person has it: each factor sets, opens, is changed and removed; wrong factors; what a copy of the profile is worth, and what a
// locked module tells of itself.

import { describe, expect, test } from 'vitest';
import type { LockFactor } from '../commands.ts';
import type { SurfaceAnswer } from '../frame-messages.ts';
import { exportIdentityKeys } from '../keys/identity.ts';
import { openDeviceSlot } from '../keys/vault.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { codeOf, copyTestBrowser, expectValue, makeTestBrowser, openTab } from '../testing/browser.ts';
import { openKeys } from '../testing/check-record.ts';
import { bytesWithin } from '../testing/find-bytes.ts';
import {
  answerUnlock,
  lockedWith,
  questions,
  statusOf,
  WRONG_PASSPHRASE,
  whileTimePasses,
} from '../testing/lock-steps.ts';
import { PASSPHRASE } from '../testing/person.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { contact, openSession } from '../testing/steps.ts';

const provider = await makeProviderSide();
const FACTORS = ['passkey', 'passphrase'] as const satisfies readonly LockFactor[];

describe.each(FACTORS)('CARD-3: a lock with a %s', (factor) => {
  test('is set with the person’s approval, opens the module after a restart, and nothing else does', async () => {
    const { browser, tab } = await lockedWith(provider, factor);
    expect(await statusOf(tab)).toMatchObject({ lock: 'unlocked', factors: [factor] });
    expect(questions(browser)).toEqual(['approve', `new-${factor}`]);
    const { moduleId } = await statusOf(tab);
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    expect(await statusOf(later)).toMatchObject({ lock: 'locked', factors: [factor], moduleId: null });
    expectValue(await later.call('unlock', {}));
    expect(await statusOf(later)).toMatchObject({ lock: 'unlocked', moduleId });
    expectValue(await later.call('enrolmentRequest', {}));
  });

  test('is changed after the present factor is proven; the old one opens nothing any more', async () => {
    const { browser, tab } = await lockedWith(provider, factor);
    const older = structuredClone(browser.rows.meta.vault);
    browser.person.asked.length = 0;
    expectValue(await tab.call('setLock', { factor }));
    expect(questions(browser)).toEqual(['approve', 'unlock', `new-${factor}`]);
    expect(browser.rows.meta.vault?.slots).toHaveLength(1);
    expect(browser.rows.meta.vault).not.toEqual(older);
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    expectValue(await later.call('unlock', {}));
  });

  test('is removed after it is proven, and the module opens by itself again', async () => {
    const { browser, tab } = await lockedWith(provider, factor);
    expectValue(await tab.call('setIdleLock', { minutes: 5 }));
    expectValue(await tab.call('setLock', { factor: 'none' }));
    expect(await statusOf(tab)).toMatchObject({ lock: 'none', factors: [], idleLockMinutes: null });
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    expect(await statusOf(later)).toMatchObject({ lock: 'none', storage: 'ready' });
  });

  test('is not changed by a person who refuses, who cannot see the question, or who does not have the factor', async () => {
    const { browser, tab } = await lockedWith(provider, factor);
    const before = structuredClone(browser.rows.meta.vault);
    const { person } = browser;
    const refusals: readonly (readonly [SurfaceAnswer, string])[] = [
      [{ kind: 'refused' }, 'consent/refused'],
      [{ kind: 'covered' }, 'consent/covered'],
    ];
    for (const asked of ['approve', 'unlock', `new-${factor}`]) {
      for (const [answer, code] of refusals) {
        person.answer = (question) => (question.kind === asked ? answer : person.agree(question));
        expect(codeOf(await tab.call('setLock', { factor }))).toBe(code);
      }
    }
    answerUnlock(browser, WRONG_PASSPHRASE);
    expect(codeOf(await tab.call('setLock', { factor: 'none' }))).toBe('lock/wrong');
    expect(browser.rows.meta.vault).toEqual(before);
  });

  test('a copied profile of the locked module opens with nothing but the factor', async () => {
    const { browser, tab } = await lockedWith(provider, factor);
    tab.kill();
    const copy = copyTestBrowser(browser);
    const thief = await openTab({ ...copy, person: makeTestBrowser().person }, provider.agencyKey);
    for (const name of ['enrolmentRequest', 'sessions', 'receipts', 'operations', 'disclosures', 'lock'] as const) {
      expect(codeOf(await thief.call(name, {}))).toBe('module/locked');
    }
    const stranger = makeTestBrowser().person;
    const guesses: readonly SurfaceAnswer[] = [
      WRONG_PASSPHRASE,
      { kind: 'passkey', credentialId: new Uint8Array(32), prfOutput: new Uint8Array(32) },
    ];
    for (const guess of guesses) {
      const guessing = { ...copyTestBrowser(browser), person: { ...stranger, answer: () => structuredClone(guess) } };
      const tried = await openTab(guessing, provider.agencyKey);
      expect(codeOf(await tried.call('unlock', {}))).toBe('lock/wrong');
      expect((await statusOf(tried)).lock).toBe('locked');
    }
    const holder = await openTab(copyTestBrowser(browser), provider.agencyKey);
    expectValue(await holder.call('unlock', {}));
  });

  test('no clear key lies in any row or slot, and no device slot is left', async () => {
    const { browser, tab } = await lockedWith(provider);
    const rootKey = openDeviceSlot(browser.rows.meta.vault?.slots ?? []);
    const { identity } = browser.rows.meta;
    if (rootKey === null || identity === null) throw new Error('expected a module without a lock');
    const pkcs8 = await exportIdentityKeys({ keys: await openKeys(browser.rows) }, identity);
    const places = () => [browser.rows, browser.slotBytes];
    expect(bytesWithin(places(), rootKey)).toBe(true);
    expectValue(await tab.call('setLock', { factor }));
    // The secret scalar is what PKCS #8 ends with.
    for (const secret of [rootKey, pkcs8.signingKey.slice(-32), pkcs8.openingKey.slice(-32)]) {
      expect(bytesWithin(places(), secret)).toBe(false);
    }
    expect(browser.rows.meta.vault?.slots.map(({ kind }) => kind)).toEqual([factor]);
    tab.kill();
    // The database gone, the checkpoint alone: it is as locked.
    const alone = await openTab({ ...makeTestBrowser(), slotBytes: browser.slotBytes }, provider.agencyKey);
    expect(await statusOf(alone)).toMatchObject({ storage: 'wiped', lock: 'locked', factors: [factor] });
    expect(codeOf(await alone.call('recover', {}))).toBe('module/locked');
  });
});

describe('CARD-3: two factors', () => {
  test('either opens the module, and changing one leaves the other', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey', 'passphrase', 'passkey');
    expect((await statusOf(tab)).factors).toEqual(['passphrase', 'passkey']);
    tab.kill();
    const byKey = await openTab(copyTestBrowser(browser), provider.agencyKey);
    expectValue(await byKey.call('unlock', {}));
    answerUnlock(browser, { kind: 'passphrase', passphrase: PASSPHRASE });
    const byPhrase = await openTab(browser, provider.agencyKey);
    expectValue(await byPhrase.call('unlock', {}));
    const asked = browser.person.asked.findLast(({ kind }) => kind === 'unlock');
    expect(asked).toMatchObject({ passphrase: true, passkeys: [{}] });
  });

  test('a passphrase typed with composed or single letters is the same passphrase', async () => {
    const { browser, tab } = await lockedWith(provider);
    const { person } = browser;
    person.answer = (question) =>
      question.kind === 'new-passphrase' ? { kind: 'passphrase', passphrase: 'Zürich–Café 1' } : person.agree(question);
    expectValue(await tab.call('setLock', { factor: 'passphrase' }));
    tab.kill();
    answerUnlock(browser, { kind: 'passphrase', passphrase: 'Zürich–Café 1'.normalize('NFD') });
    const later = await openTab(browser, provider.agencyKey);
    expectValue(await later.call('unlock', {}));
  });

  test('an authenticator that cannot do it changes nothing', async () => {
    const { browser, tab } = await lockedWith(provider);
    const { person } = browser;
    person.answer = (question) => (question.kind === 'new-passkey' ? { kind: 'unavailable' } : person.agree(question));
    expect(codeOf(await tab.call('setLock', { factor: 'passkey' }))).toBe('lock/no-passkey');
    expect(await statusOf(tab)).toMatchObject({ lock: 'none' });
  });
});

describe('CARD-3: wrong factors', () => {
  test('are counted, wait longer each time, are refused after too many, and a right one ends it', async () => {
    const { browser, tab } = await lockedWith(provider, 'passphrase');
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    answerUnlock(browser, WRONG_PASSPHRASE);
    expect(codeOf(await later.call('unlock', {}))).toBe('lock/wrong');
    expect(browser.person.asked.filter(({ kind }) => kind === 'unlock')).toMatchObject([
      { wrongTries: 0 },
      { wrongTries: 1 },
      { wrongTries: 2 },
    ]);
    // From the third on each question waits; the clock is moved until the command has answered.
    const codes: (string | null)[] = [];
    while (codes.at(-1) !== 'lock/too-many') {
      const answer = later.call('unlock', {}).then(codeOf);
      codes.push(await whileTimePasses(browser, answer));
    }
    const wrong = browser.person.asked.filter(({ kind }) => kind === 'unlock');
    expect(wrong).toHaveLength(MODULE_LIMITS.wrongTries);
    answerUnlock(browser, { kind: 'passphrase', passphrase: PASSPHRASE });
    expect(codeOf(await later.call('unlock', {}))).toBe('lock/too-many');
    browser.clock.advance(MODULE_LIMITS.tooManyTriesMs);
    expectValue(await later.call('unlock', {}));
    expect((await statusOf(later)).lock).toBe('unlocked');
  });

  test('a question is not put before its wait is over', async () => {
    const { browser, tab } = await lockedWith(provider, 'passphrase');
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    answerUnlock(browser, WRONG_PASSPHRASE);
    await later.call('unlock', {});
    const asked = questions(browser).length;
    const next = later.call('unlock', {});
    await later.call('status', {});
    expect(questions(browser)).toHaveLength(asked);
    answerUnlock(browser, { kind: 'passphrase', passphrase: PASSPHRASE });
    browser.clock.advance(MODULE_LIMITS.wrongTryWaitsMs[2]);
    expectValue(await next);
  });
});

describe('CARD-3: a locked module that was lost', () => {
  test('asks for its factor first, and is then recovered with what the checkpoint holds, as locked as before', async () => {
    const { browser, tab } = await lockedWith(provider, 'passphrase');
    tab.kill();
    const bare = { ...makeTestBrowser(), slotBytes: browser.slotBytes, person: browser.person };
    const lost = await openTab(bare, provider.agencyKey);
    expect(await statusOf(lost)).toMatchObject({ storage: 'wiped', lock: 'locked', factors: ['passphrase'] });
    expectValue(await lost.call('unlock', {}));
    expect(await statusOf(lost)).toMatchObject({ storage: 'wiped', lock: 'unlocked' });
    expectValue(await lost.call('recover', {}));
    expect(await statusOf(lost)).toMatchObject({ storage: 'ready', lock: 'unlocked', factors: ['passphrase'] });
    lost.kill();
    const later = await openTab(bare, provider.agencyKey);
    expect(await statusOf(later)).toMatchObject({ storage: 'ready', lock: 'locked' });
    expectValue(await later.call('unlock', {}));
  });

  test('of which every factor is lost can be given up, and begins anew without a lock', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey');
    tab.kill();
    const stranger = { ...browser, person: makeTestBrowser().person };
    const locked = await openTab(stranger, provider.agencyKey);
    stranger.person.answer = () => ({ kind: 'refused' });
    expect(codeOf(await locked.call('startAnew', {}))).toBe('consent/refused');
    expect((await statusOf(locked)).lock).toBe('locked');
    stranger.person.answer = stranger.person.agree;
    expectValue(await locked.call('startAnew', {}));
    expect(await statusOf(locked)).toMatchObject({ lock: 'none', storage: 'ready', moduleId: null, counter: 0 });
    expectValue(await locked.call('enrolmentRequest', {}));
  });
});

test('CARD-3: status of a locked module tells that it is locked, by what it opens, and how storage is, and nothing else', async () => {
  const { browser, tab } = await lockedWith(provider, 'passkey', 'passphrase');
  expectValue(await tab.call('setIdleLock', { minutes: 3 }));
  const { moduleId } = await statusOf(tab);
  tab.kill();
  const locked = await openTab(browser, provider.agencyKey);
  const told = await statusOf(locked);
  expect(told).toEqual({
    ...{ moduleId: null, certificate: null, epoch: 0, epochPending: false, counter: 0, head: new Uint8Array(32) },
    ...{ storage: 'ready', lock: 'locked', factors: ['passkey', 'passphrase'], idleLockMinutes: null },
    ...{ keysMovable: true, standing: 'unknown', droppedCalls: 0, allowance: { dayMinor: 0, leftMinor: 0 } },
    safety: {
      ...{
        persistent: false,
        backup: 'none',
        backupTime: null,
        backupPasskey: false,
        usageBytes: null,
        quotaBytes: null,
      },
      unsafeLimitMinor: MODULE_LIMITS.unsafeValueMinor,
    },
  });
  expect(JSON.stringify(told)).not.toContain(moduleId);
});

test('CARD-3: a module with keys that no script can read is not locked, and goes on working', async () => {
  const { browser, tab } = await lockedWith(provider);
  const { identity } = browser.rows.meta;
  if (identity === null) throw new Error('expected an identity');
  const pkcs8 = await exportIdentityKeys({ keys: await openKeys(browser.rows) }, identity);
  const bound = (bytes: Uint8Array, algorithm: string, usage: KeyUsage) =>
    crypto.subtle.importKey('pkcs8', Uint8Array.from(bytes), algorithm, false, [usage]);
  const signingKey = await bound(pkcs8.signingKey, 'Ed25519', 'sign');
  const openingKey = await bound(pkcs8.openingKey, 'X25519', 'deriveBits');
  browser.rows.meta.identity = { ...identity, keys: { kind: 'bound', signingKey, openingKey } };
  for (const factor of FACTORS) expect(codeOf(await tab.call('setLock', { factor }))).toBe('lock/bound-keys');
  expect(questions(browser)).toEqual([]);
  tab.kill();
  const later = await openTab(browser, provider.agencyKey);
  expect(await statusOf(later)).toMatchObject({ storage: 'ready', lock: 'none', keysMovable: false });
  await contact(provider, later);
  const { certificate } = await statusOf(later);
  const { session, grant } = await provider.grant(certificate ?? new Uint8Array());
  expect(expectValue(await openSession(provider, later, grant))).toMatchObject({ session, state: 'open' });
});
