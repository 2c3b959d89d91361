// Restores, through the gate, with real keys and words: where a backup may be put, what it says afterwards, and which of two copies goes on.

import { describe, expect, test, vi } from 'vitest';
import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { recoveryWordsOf } from '../../protocol/recovery-words.ts';
import { codeOf, copyTestBrowser, expectValue, openTab } from '../testing/browser.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { randomBytes } from '../testing/random.ts';
import { enrol } from '../testing/steps.ts';
import {
  elsewhere,
  goOn,
  makeBackedUp,
  makeWorld,
  OPEN_RECEIPT,
  readReceipt,
  settle,
  wipeDatabase,
} from './testing/world.ts';

const provider = await makeProviderSide();

async function restoredElsewhere() {
  const world = await makeBackedUp(provider);
  const browser = elsewhere(world);
  const tab = await openTab(browser, provider.agencyKey);
  const report = expectValue(await tab.call('restore', { backup: world.backup }));
  return { ...world, original: world.tab, browser, tab, report };
}

describe('CARD-3: a restore on an empty browser', () => {
  test('is the same module on a new device in a pending epoch, with everything but the keys of sessions', async () => {
    const { original, tab, report, browser } = await restoredElsewhere();
    expect(report).toMatchObject({
      ...{ source: 'backup', reconciled: false },
      counts: { found: 2, notFound: 0, used: 0, unreachable: 3 },
    });
    const { moduleId } = expectValue(await original.call('status', {}));
    expect(expectValue(await tab.call('status', {}))).toMatchObject({
      ...{ moduleId, epochPending: true, storage: 'ready', lock: 'none' },
      safety: expect.objectContaining({ backup: 'verified' }),
    });
    const rows = [...browser.rows.sessions.values()];
    expect(rows.map(({ secrets, secretsKey }) => [secrets, secretsKey])).toEqual(rows.map(() => [null, null]));
    expect(browser.rows.held.size).toBe(0);
  });

  test('BT-8: pays for what was shown, once, in the new epoch', async () => {
    const { book, tab, open, closed, accepted } = await restoredElsewhere();
    expect(await goOn(book, tab)).toEqual([]);
    expect(await readReceipt(provider, tab, open)).toMatchObject({ ...OPEN_RECEIPT, epoch: 2 });
    for (const session of [open, closed]) await settle(book, tab, session);
    expect(await readReceipt(provider, tab, accepted)).toMatchObject({ count: 2, epoch: 1 });
    expect(expectValue(await tab.call('restoreReport', {}))).toMatchObject({
      ...{ reconciled: true, counts: { found: 5, notFound: 0, used: 0, unreachable: 0 } },
    });
  });

  test('BT-7: of a copy while the original lives supersedes the original at its first contact', async () => {
    const { book, original, tab } = await restoredElsewhere();
    await goOn(book, tab);
    expect(await book.judge(await book.contact(original))).toBe('superseded');
    expect(expectValue(await original.call('acceptStanding', await book.standing(original))).standing).toBe(
      'superseded',
    );
    expect(await book.judge(await book.contact(tab))).toBe('good');
  });

  test('BT-7: names as already used what the original settled since, and takes its receipt for good', async () => {
    const { book, original, tab, open, closed } = await restoredElsewhere();
    expectValue(await original.call('closeSession', { session: open }));
    for (const session of [open, closed]) await settle(book, original, session);
    const missing = await goOn(book, tab);
    expect(missing).toHaveLength(2);
    // The same receipt, made before the backup; and one that this copy never made.
    const outcomes = async () => {
      const { things = [] } = expectValue(await tab.call('restoreReport', {})) ?? {};
      return things.filter(({ session }) => session === open || session === closed);
    };
    expect(await outcomes()).toContainEqual(
      expect.objectContaining({ session: open, kind: 'session', outcome: 'used', place: 'provider' }),
    );
    expect((await outcomes()).filter(({ session }) => session === closed).map(({ outcome }) => outcome)).toEqual([
      'found',
      'found',
    ]);
    expectValue(await tab.call('acceptPapers', { receiptFiles: book.papers([open, closed]) }));
    const receipts = expectValue(await tab.call('receipts', {}));
    expect(receipts.map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await readReceipt(provider, tab, open)).toMatchObject({ epoch: 1, count: 2 });
  });

  test('names what the provider has never heard of, and what only the provider knows', async () => {
    const { book, original, tab, open, closed } = await restoredElsewhere();
    const later = await book.open(original);
    await book.enrol(tab);
    const lines = [{ session: later, receiptHash: null, sequenceNumber: 0, amountMinor: 0n }];
    expectValue(await tab.call('acceptStanding', await book.standing(tab, { sessions: lines })));
    const { things = [], counts } = expectValue(await tab.call('restoreReport', {})) ?? {};
    const of = (session: string) => things.filter((thing) => thing.session === session);
    for (const session of [open, closed]) {
      expect(new Set(of(session).map(({ outcome }) => outcome))).toEqual(new Set(['not-found']));
    }
    expect(of(later)).toMatchObject([{ kind: 'session', outcome: 'not-found', place: 'provider', title: '' }]);
    expect(counts).toEqual({ found: 2, notFound: 4, used: 0, unreachable: 0 });
  });

  test('twice from one file: the second one takes the epoch after the first', async () => {
    const first = await restoredElsewhere();
    await goOn(first.book, first.tab);
    const second = await openTab(elsewhere({ browser: first.browser }), provider.agencyKey);
    expectValue(await second.call('restore', { backup: first.backup }));
    await expect(first.book.enrol(second)).rejects.toThrow('module/superseded');
    // Its standing under the certificate that it has tells how far the epochs have come.
    expectValue(await second.call('acceptStanding', await first.book.standing(second)));
    await goOn(first.book, second);
    expect(expectValue(await second.call('status', {}))).toMatchObject({ epoch: 3, standing: 'good' });
    expect(await first.book.judge(await first.book.contact(first.tab))).toBe('superseded');
  });

  test('is there in the other tabs of that browser, too', async () => {
    const world = await makeBackedUp(provider);
    const browser = elsewhere(world);
    const tab = await openTab(browser, provider.agencyKey);
    const other = await openTab(browser, provider.agencyKey);
    expectValue(await tab.call('restore', { backup: world.backup }));
    // The other tab hears of it and opens the store anew.
    await vi.waitFor(async () => expect(expectValue(await other.call('status', {})).epochPending).toBe(true));
    await goOn(world.book, other);
    const { moduleId } = expectValue(await world.tab.call('status', {}));
    for (const each of [tab, other]) {
      expect(expectValue(await each.call('status', {}))).toMatchObject({ moduleId, epoch: 2, storage: 'ready' });
    }
  });

  test('asks for the words once when they were given to look for the file, and again five minutes later', async () => {
    const world = await makeBackedUp(provider);
    const browser = elsewhere(world);
    const tab = await openTab(browser, provider.agencyKey);
    const asked = () => browser.person.asked.filter(({ kind }) => kind === 'ask-words').length;
    expect(expectValue(await tab.call('recoveryLocator', {}))).toEqual({ locator: world.locator });
    browser.clock.advance(5 * 60_000);
    browser.person.answer = () => ({ kind: 'refused' });
    expect(codeOf(await tab.call('restore', { backup: world.backup }))).toBe('consent/refused');
    browser.person.answer = browser.person.agree;
    expectValue(await tab.call('recoveryLocator', {}));
    expect(asked()).toBe(3);
    expectValue(await tab.call('restore', { backup: world.backup }));
    expect(asked()).toBe(3);
  });
});

describe('CARD-3: a restore in place of keys that nobody has certified', () => {
  test('replaces those of this browser', async () => {
    const world = await makeBackedUp(provider);
    const browser = elsewhere(world);
    const tab = await openTab(browser, provider.agencyKey);
    expectValue(await tab.call('enrolmentRequest', {}));
    expectValue(await tab.call('restore', { backup: world.backup }));
    await goOn(world.book, tab);
    const { moduleId } = expectValue(await world.tab.call('status', {}));
    expect(expectValue(await tab.call('status', {}))).toMatchObject({ moduleId, epoch: 2, standing: 'good' });
  });

  test('replaces those of a store that was lost', async () => {
    const world = await makeBackedUp(provider);
    const browser = elsewhere(world);
    const first = await openTab(browser, provider.agencyKey);
    expectValue(await first.call('enrolmentRequest', {}));
    first.kill();
    wipeDatabase(browser);
    const tab = await openTab(browser, provider.agencyKey);
    expect(expectValue(await tab.call('status', {})).storage).toBe('wiped');
    expectValue(await tab.call('restore', { backup: world.backup }));
    await goOn(world.book, tab);
    expect(await readReceipt(provider, tab, world.open)).toMatchObject(OPEN_RECEIPT);
  });
});

describe('CARD-3: a restore is refused, and changes nothing,', () => {
  test('in a browser that has a module with a certificate, before anyone types a word', async () => {
    const world = await makeBackedUp(provider);
    const browser = elsewhere(world);
    const tab = await openTab(browser, provider.agencyKey);
    await enrol(provider, tab);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('restore', { backup: world.backup }))).toBe('restore/not-empty');
    expect(browser.rows).toEqual(before);
    expect(browser.person.asked.some(({ kind }) => kind === 'ask-words')).toBe(false);
  });

  test('where another tab has enrolled while the person was asked', async () => {
    const world = await makeBackedUp(provider);
    const browser = elsewhere(world);
    const tab = await openTab(browser, provider.agencyKey);
    const other = await openTab(browser, provider.agencyKey);
    browser.person.answer = async (question) => {
      if (question.kind === 'approve') await enrol(provider, other);
      return browser.person.agree(question);
    };
    expect(codeOf(await tab.call('restore', { backup: world.backup }))).toBe('restore/not-empty');
    expect(browser.rows.sessions.size).toBe(0);
    const [here, there] = [await tab.call('status', {}), await other.call('status', {})].map(expectValue);
    expect(here?.moduleId).toBe(there?.moduleId);
  });

  test('where another module was lost that had been used', async () => {
    const world = await makeBackedUp(provider);
    const other = await makeWorld(provider);
    other.tab.kill();
    wipeDatabase(other.browser);
    other.browser.person.words = world.browser.person.words;
    const tab = await openTab(other.browser, provider.agencyKey);
    expect(codeOf(await tab.call('restore', { backup: world.backup }))).toBe('restore/not-empty');
    expectValue(await tab.call('recover', {}));
  });

  const altered: readonly (readonly [string, string, (backup: Uint8Array) => Uint8Array])[] = [
    ['a file that is none', 'backup/malformed', () => new Uint8Array([1, 2, 3])],
    ['a file that was cut short', 'backup/malformed', (backup) => backup.slice(0, -1)],
    ['a file of a newer version', 'backup/newer-version', (backup) => changed(backup, 1, 3)],
    ['a file with another date', 'backup/wrong-words', (backup) => changed(backup, 2, 1)],
    [
      'a file with one other byte',
      'backup/wrong-words',
      (backup) => backup.map((byte, at) => (at === 5_000 ? byte ^ 1 : byte)),
    ],
  ];
  test.each(altered)('%s', async (_what, code, alter) => {
    const world = await makeBackedUp(provider);
    const browser = elsewhere(world);
    const tab = await openTab(browser, provider.agencyKey);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('restore', { backup: alter(world.backup) }))).toBe(code);
    expect(browser.rows).toEqual(before);
  });

  test('with wrong words, after a few tries; with no approval', async () => {
    const world = await makeBackedUp(provider);
    const browser = elsewhere(world);
    const tab = await openTab(browser, provider.agencyKey);
    const before = structuredClone(browser.rows);
    browser.person.words = recoveryWordsOf(randomBytes(16));
    expect(codeOf(await tab.call('restore', { backup: world.backup }))).toBe('backup/wrong-words');
    const tries = browser.person.asked.filter(({ kind }) => kind === 'ask-words');
    expect(tries).toEqual([null, 'words', 'words'].map((wrong) => ({ kind: 'ask-words', wrong, passkeys: null })));
    browser.person.words = world.browser.person.words;
    browser.person.answer = (question) =>
      question.kind === 'approve' ? { kind: 'refused' } : browser.person.agree(question);
    expect(codeOf(await tab.call('restore', { backup: world.backup }))).toBe('consent/refused');
    expect(browser.rows).toEqual(before);
  });

  function changed(backup: Uint8Array, at: number, value: number): Uint8Array {
    const members = decodeCbor(backup);
    if (!Array.isArray(members)) throw new Error('no array');
    return encodeCbor(members.map((member: CborValue, place) => (place === at ? value : member)));
  }
});

describe('BT-7: a restore over the lost store of the same module', () => {
  test('keeps what the checkpoint knows and the backup does not, and says where each thing was', async () => {
    const world = await makeBackedUp(provider);
    const later = await world.book.open(world.tab);
    await world.book.contact(world.tab);
    world.tab.kill();
    wipeDatabase(world.browser);
    const tab = await openTab(world.browser, provider.agencyKey);
    const report = expectValue(await tab.call('restore', { backup: world.backup }));
    const placeOf = (session: string) => report.things.find((thing) => thing.session === session)?.place;
    expect([world.accepted, world.closed, world.open, later].map(placeOf)).toEqual([
      // Opening the later one withheld a frame of the open one: the checkpoint knows more of that, too.
      ...['backup', 'backup', 'checkpoint', 'checkpoint'],
    ]);
    expect(await goOn(world.book, tab)).toEqual([]);
    expect(await readReceipt(provider, tab, world.open)).toMatchObject(OPEN_RECEIPT);
    expect(await readReceipt(provider, tab, later)).toMatchObject({ count: 0, epoch: 2 });
  });

  test('works where neither database nor checkpoint can be read any more', async () => {
    const world = await makeBackedUp(provider);
    world.tab.kill();
    wipeDatabase(world.browser);
    for (const slot of world.browser.slotBytes) slot?.fill(0);
    const tab = await openTab(world.browser, provider.agencyKey);
    expectValue(await tab.call('restore', { backup: world.backup }));
    tab.kill();
    const again = await openTab(world.browser, provider.agencyKey);
    expect(expectValue(await again.call('status', {}))).toMatchObject({ storage: 'ready', epochPending: true });
    await goOn(world.book, again);
    expect(await readReceipt(provider, again, world.open)).toMatchObject(OPEN_RECEIPT);
  });

  test('a copied profile that is restored does not hurt the one it was copied from before its epoch is granted', async () => {
    const world = await makeBackedUp(provider);
    const copy = copyTestBrowser(world.browser);
    wipeDatabase(copy);
    const tab = await openTab(copy, provider.agencyKey);
    expectValue(await tab.call('restore', { backup: world.backup }));
    expect(await world.book.judge(await world.book.contact(world.tab))).toBe('good');
  });
});
