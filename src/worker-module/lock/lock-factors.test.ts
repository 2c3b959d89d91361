// One factor removed while the other stays: who is asked for what, what opens the module afterwards and what does not, and what the other tabs
// and the settings make of it. Cuts of it are in lock-cuts.test.ts.

import { describe, expect, test } from 'vitest';
import type { LockFactor } from '../commands.ts';
import type { SurfaceAnswer, SurfaceQuestion } from '../frame-messages.ts';
import {
  codeOf,
  copyTestBrowser,
  expectValue,
  makeTestBrowser,
  openTab,
  type TestBrowser,
} from '../testing/browser.ts';
import { bytesWithin } from '../testing/find-bytes.ts';
import {
  answerUnlock,
  lockedWith,
  questions,
  statusOf,
  untilLock,
  WRONG_PASSPHRASE,
  whileTimePasses,
} from '../testing/lock-steps.ts';
import { PASSPHRASE } from '../testing/person.ts';
import { makeProviderSide } from '../testing/provider-side.ts';

const provider = await makeProviderSide();
const PAIRS: readonly (readonly [LockFactor, LockFactor])[] = [
  ['passkey', 'passphrase'],
  ['passphrase', 'passkey'],
];
const RIGHT_PASSPHRASE: SurfaceAnswer = { kind: 'passphrase', passphrase: PASSPHRASE };

/** The questions that were put, in order; the browser's own about its storage is none of these. */
function put({ person }: TestBrowser): readonly SurfaceQuestion[] {
  return person.asked.filter(({ kind }) => kind !== 'persist');
}

describe.each(PAIRS)('CARD-3: removing a %s while a %s stays', (removed, staying) => {
  test('says what goes and what goes on opening the module, and asks for the one that stays alone', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey', 'passphrase');
    browser.person.asked.length = 0;
    expectValue(await tab.call('removeFactor', { factor: removed }));
    const [approval, proof, ...rest] = put(browser);
    expect(rest).toEqual([]);
    expect(approval).toMatchObject({ kind: 'approve', title: `Remove the ${removed}?`, yes: `Remove the ${removed}` });
    expect(JSON.stringify(approval)).toContain(`Your ${staying} goes on opening it.`);
    expect(proof).toMatchObject({
      kind: 'unlock',
      passphrase: staying === 'passphrase',
      passkeys: staying === 'passkey' ? [{}] : [],
    });
    expect(await statusOf(tab)).toMatchObject({ lock: 'unlocked', factors: [staying] });
  });

  test('leaves nothing of it in the database or the checkpoint, and the other one opens the module after a restart', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey', 'passphrase');
    const { moduleId } = await statusOf(tab);
    const slot = browser.rows.meta.vault?.slots.find(({ kind }) => kind === removed);
    if (slot === undefined || slot.kind === 'device') throw new Error('expected the slot of a factor');
    const kept = browser.rows.meta.vault?.slots.filter(({ kind }) => kind !== removed);
    expect(bytesWithin([browser.slotBytes], slot.sealed)).toBe(true);
    expectValue(await tab.call('removeFactor', { factor: removed }));
    expect(bytesWithin([browser.rows, browser.slotBytes], slot.sealed)).toBe(false);
    expect(browser.rows.meta.vault?.slots).toEqual(kept);
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    expect(await statusOf(later)).toMatchObject({ lock: 'locked', factors: [staying] });
    expectValue(await later.call('unlock', {}));
    expect(await statusOf(later)).toMatchObject({ lock: 'unlocked', moduleId });
  });

  test('changes nothing where the person refuses, does not see the question, or does not have the one that stays', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey', 'passphrase');
    const before = structuredClone(browser.rows.meta.vault);
    const { person } = browser;
    for (const asked of ['approve', 'unlock']) {
      for (const [kind, code] of [
        ['refused', 'consent/refused'],
        ['covered', 'consent/covered'],
      ] as const) {
        person.answer = (question) => (question.kind === asked ? { kind } : person.agree(question));
        expect(codeOf(await tab.call('removeFactor', { factor: removed }))).toBe(code);
      }
    }
    answerUnlock(browser, WRONG_PASSPHRASE);
    const answered = tab.call('removeFactor', { factor: removed }).then(codeOf);
    expect(await whileTimePasses(browser, answered)).toBe('lock/wrong');
    expect(browser.rows.meta.vault).toEqual(before);
    expect(await statusOf(tab)).toMatchObject({ lock: 'unlocked', factors: ['passkey', 'passphrase'] });
  });

  test('again does nothing and asks nothing', async () => {
    const { browser, tab } = await lockedWith(provider, staying);
    browser.person.asked.length = 0;
    expectValue(await tab.call('removeFactor', { factor: removed }));
    expect(questions(browser)).toEqual([]);
    expect(await statusOf(tab)).toMatchObject({ factors: [staying] });
  });

  test('keeps the idle lock; removing the other one as well is removing the lock, and takes the idle lock with it', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey', 'passphrase');
    expectValue(await tab.call('setIdleLock', { minutes: 5 }));
    expectValue(await tab.call('removeFactor', { factor: removed }));
    expect(await statusOf(tab)).toMatchObject({ lock: 'unlocked', idleLockMinutes: 5 });
    browser.person.asked.length = 0;
    expectValue(await tab.call('removeFactor', { factor: staying }));
    expect(put(browser)).toMatchObject([{ kind: 'approve', title: 'Remove the lock?' }, { kind: 'unlock' }]);
    expect(await statusOf(tab)).toMatchObject({ lock: 'none', factors: [], idleLockMinutes: null });
    tab.kill();
    const later = await openTab(browser, provider.agencyKey);
    expect(await statusOf(later)).toMatchObject({ lock: 'none', storage: 'ready' });
  });
});

test('CARD-3: a passkey that was lost is removed by whoever knows the passphrase, and opens the module no more when it is found', async () => {
  const { browser, tab } = await lockedWith(provider, 'passkey', 'passphrase');
  const { person } = browser;
  const lost = browser.rows.meta.vault?.slots.flatMap((slot) => (slot.kind === 'passkey' ? [slot] : [])) ?? [];
  const found = person.agree({ kind: 'unlock', passphrase: false, passkeys: lost, wrongTries: 0 });
  expect(found).toMatchObject({ kind: 'passkey' });
  tab.kill();
  // The same profile, and a person without that authenticator.
  const owner = { ...browser, person: makeTestBrowser().person };
  const opened = await openTab(owner, provider.agencyKey);
  expectValue(await opened.call('unlock', {}));
  expectValue(await opened.call('removeFactor', { factor: 'passkey' }));
  expect(await statusOf(opened)).toMatchObject({ factors: ['passphrase'] });
  opened.kill();
  const elsewhere = copyTestBrowser(owner);
  answerUnlock(elsewhere, found);
  const tried = await openTab(elsewhere, provider.agencyKey);
  expect(codeOf(await whileTimePasses(elsewhere, tried.call('unlock', {})))).toBe('lock/wrong');
  answerUnlock(elsewhere, RIGHT_PASSPHRASE);
  expectValue(await whileTimePasses(elsewhere, tried.call('unlock', {})));
});

describe('CARD-3: a factor removed beside another tab', () => {
  test('is gone in the other tab, which stays open and locks with what is left', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey', 'passphrase');
    const other = await openTab(browser, provider.agencyKey);
    // What a page does: it reads the status when it is told that it has changed, and not again.
    const told: Promise<readonly LockFactor[]>[] = [];
    const push = other.events.push.bind(other.events);
    other.events.push = (...events) => {
      for (const event of events) {
        if (event.type === 'changed' && event.what === 'status') told.push(statusOf(other).then((now) => now.factors));
      }
      return push(...events);
    };
    expectValue(await tab.call('removeFactor', { factor: 'passphrase' }));
    await expect.poll(() => told.length).toBeGreaterThan(0);
    expect((await Promise.all(told)).at(-1)).toEqual(['passkey']);
    expect(await statusOf(other)).toMatchObject({ lock: 'unlocked' });
    expectValue(await other.call('lock', {}));
    await untilLock(tab, 'locked');
    browser.person.asked.length = 0;
    expectValue(await other.call('unlock', {}));
    expect(put(browser)).toMatchObject([{ kind: 'unlock', passphrase: false, passkeys: [{}] }]);
  });

  test('whose person removed the other one meanwhile is kept: two removals at once never take the whole lock', async () => {
    const { browser, tab } = await lockedWith(provider, 'passkey', 'passphrase');
    const other = await openTab(browser, provider.agencyKey);
    const slow = Promise.withResolvers<SurfaceAnswer>();
    const { person } = browser;
    person.answer = (question) =>
      question.kind === 'unlock' && question.passphrase ? slow.promise : person.agree(question);
    const late = other.call('removeFactor', { factor: 'passkey' });
    expectValue(await tab.call('removeFactor', { factor: 'passphrase' }));
    slow.resolve(RIGHT_PASSPHRASE);
    expect(codeOf(await late)).toBe('store/conflict');
    expect(browser.rows.meta.vault?.slots.map(({ kind }) => kind)).toEqual(['passkey']);
  });
});

test.each(['none', 'device', '', null])('CARD-3: a factor %j is not one that can be removed', async (factor) => {
  const { browser, tab } = await lockedWith(provider, 'passphrase');
  browser.person.asked.length = 0;
  tab.post({
    ...{ id: 'odd', type: 'APPLY', path: ['removeFactor'] },
    argumentList: [{ type: 'RAW', value: { factor } }],
  });
  await tab.call('status', {});
  expect(JSON.stringify(tab.outward)).toContain('request/malformed');
  expect(questions(browser)).toEqual([]);
});
