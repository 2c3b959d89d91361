// Backups, through the gate, with real keys and words: what leaves and what stays inside, what opens what, and when a backup counts as verified.

import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../protocol/bytes.ts';
import { decodeRecoveryWords, recoveryWordsOf } from '../../protocol/recovery-words.ts';
import { codeOf, expectValue, makeTestBrowser, openTab } from '../testing/browser.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { randomBytes } from '../testing/random.ts';
import { elsewhere, makeBackedUp, makeWorld } from './testing/world.ts';

const provider = await makeProviderSide();

describe('CARD-3: a backup', () => {
  test('shows twelve words, once, on the module’s own surface, and no word of them to the host', async () => {
    const { browser, tab, backup, locator } = await makeBackedUp(provider);
    const { asked, words } = browser.person;
    expect(asked.map(({ kind }) => kind).slice(-2)).toEqual(['approve', 'show-words']);
    expect(words).toHaveLength(12);
    expect(locator).toMatch(/^[0-9a-f]{32}$/);
    // Bytes as hex, so that text inside them is looked for as well.
    const told = JSON.stringify([tab.outward, tab.events], (_name, value: unknown) =>
      value instanceof Uint8Array ? toHex(value) : value,
    );
    // One word alone may stand in any title; two in their order do not.
    const pairs = words.slice(1).flatMap((word, at) => [`${words[at]} ${word}`, `"${words[at]}","${word}"`]);
    const traces = [...pairs, ...pairs.map((pair) => toHex(utf8(pair))), toHex(decodeRecoveryWords(words))];
    expect(traces.filter((trace) => told.includes(trace))).toEqual([]);
    expect(told.includes(toHex(backup))).toBe(true);
  });

  test('is in the record before it leaves, and waits to be verified', async () => {
    const { tab } = await makeBackedUp(provider);
    const [newest] = expectValue(await tab.call('disclosures', {}));
    expect(newest).toMatchObject({ what: 'backup', to: null });
    const operations = expectValue(await tab.call('operations', {}));
    expect(operations.find(({ kind }) => kind === 'backup')).toMatchObject({ status: 'needs-you' });
    expect(expectValue(await tab.call('status', {})).safety).toMatchObject({ backup: 'unverified' });
  });

  test('is not made where the person says no, to the question or to the words, and nothing of it is kept', async () => {
    const { browser, tab } = await makeWorld(provider);
    for (const refused of ['approve', 'show-words']) {
      const before = structuredClone(browser.rows);
      browser.person.answer = (question) =>
        question.kind === refused ? { kind: 'refused' } : browser.person.agree(question);
      expect(codeOf(await tab.call('makeBackup', { passkey: false }))).toBe('consent/refused');
      browser.person.answer = () => ({ kind: 'covered' });
      expect(codeOf(await tab.call('makeBackup', { passkey: false }))).toBe('consent/covered');
      expect(browser.rows).toEqual(before);
    }
    expect(expectValue(await tab.call('backupCopy', {}))).toBeNull();
  });

  test('of a module that is not enrolled is refused before anything is asked', async () => {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    expect(codeOf(await tab.call('makeBackup', { passkey: false }))).toBe('enrolment/needed');
    expect(browser.person.asked.filter(({ kind }) => kind !== 'persist')).toEqual([]);
  });

  test('has copies made without asking, under the same words, with what came since', async () => {
    const world = await makeBackedUp(provider);
    expectValue(await world.tab.call('closeSession', { session: world.open }));
    const asked = world.browser.person.asked.length;
    const copy = expectValue(await world.tab.call('backupCopy', {}));
    expect(world.browser.person.asked).toHaveLength(asked);
    expect(copy?.locator).toBe(world.locator);
    const tab = await openTab(elsewhere(world), provider.agencyKey);
    const report = expectValue(await tab.call('restore', { backup: copy?.backup ?? new Uint8Array() }));
    expect(report.things).toHaveLength(6);
    expect(expectValue(await tab.call('receiptFile', { session: world.open })).receiptFile.length).toBeGreaterThan(0);
  });

  test('counts as verified once somebody has shown that its words open it, and not before', async () => {
    const { browser, tab, backup } = await makeBackedUp(provider);
    const right = browser.person.words;
    browser.person.words = recoveryWordsOf(randomBytes(16));
    expect(codeOf(await tab.call('verifyBackup', { backup }))).toBe('backup/wrong-words');
    browser.person.words = [...right.slice(1), 'farebox'];
    expect(codeOf(await tab.call('verifyBackup', { backup }))).toBe('backup/words');
    expect(expectValue(await tab.call('status', {})).safety.backup).toBe('unverified');
    browser.person.words = right.map((word) => ` ${word.toUpperCase()} `);
    expect(expectValue(await tab.call('verifyBackup', { backup }))).toEqual({
      ...{ sessions: 3, receipts: 2, openedBy: 'words' },
    });
    expect(expectValue(await tab.call('status', {})).safety.backup).toBe('verified');
  });

  test('of another module, or under earlier words, is not taken for the present one', async () => {
    const { browser, tab, backup } = await makeBackedUp(provider);
    const other = await makeBackedUp(provider);
    const first = browser.person.words;
    browser.person.words = other.browser.person.words;
    expect(codeOf(await tab.call('verifyBackup', { backup: other.backup }))).toBe('backup/other-module');
    expectValue(await tab.call('makeBackup', { passkey: false }));
    browser.person.words = first;
    expect(codeOf(await tab.call('verifyBackup', { backup }))).toBe('backup/wrong-words');
    expect(expectValue(await tab.call('status', {})).safety.backup).toBe('unverified');
  });
});
