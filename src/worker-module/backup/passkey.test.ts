// Backups that a passkey opens beside their words, through the gate, with real keys and an authenticator with PRF: how one is taken, what it opens
// with the file at hand and without, and that the words always do the same.

import { describe, expect, test } from 'vitest';
import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { recoveryWordsOf } from '../../protocol/recovery-words.ts';
import type { SurfaceQuestion } from '../frame-messages.ts';
import { codeOf, expectValue, openTab, type TestBrowser } from '../testing/browser.ts';
import { bytesWithin } from '../testing/find-bytes.ts';
import { makeAuthenticator } from '../testing/person.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { randomBytes } from '../testing/random.ts';
import { elsewhere, goOn, makeBackedUp, makeWorld, OPEN_RECEIPT, readReceipt, wipeDatabase } from './testing/world.ts';

const provider = await makeProviderSide();

type Of<Kind extends SurfaceQuestion['kind']> = Extract<SurfaceQuestion, { kind: Kind }>;

/** What was asked of this kind, newest last. */
function askedOf<Kind extends SurfaceQuestion['kind']>({ person }: TestBrowser, kind: Kind): readonly Of<Kind>[] {
  return person.asked.filter((question): question is Of<Kind> => question.kind === kind);
}

/** Another browser of the same person, who opens backups with the passkey and has lost the words. */
async function withPasskeyAlone(world: Parameters<typeof elsewhere>[0]) {
  const browser = elsewhere(world);
  browser.person.words = [];
  browser.person.prefersPasskey = true;
  return { browser, tab: await openTab(browser, provider.agencyKey) };
}

describe('BT-7: a backup with a passkey', () => {
  test('is asked for as what it is, before the words, and says where its two copies are kept', async () => {
    const { browser, tab, locator, passkeyLocators } = await makeBackedUp(provider, true);
    expect(browser.person.asked.slice(-3).map(({ kind }) => kind)).toEqual(['approve', 'backup-passkey', 'show-words']);
    expect(askedOf(browser, 'approve').at(-1)?.lines.join(' ')).toContain('also when the passkey is lost');
    expect(passkeyLocators).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(passkeyLocators).not.toContain(locator);
    expect(expectValue(await tab.call('status', {})).safety).toMatchObject({ backupPasskey: true });
  });

  test('is opened by its words as every other one', async () => {
    const world = await makeBackedUp(provider, true);
    const tab = await openTab(elsewhere(world), provider.agencyKey);
    expectValue(await tab.call('restore', { backup: world.backup }));
    await goOn(world.book, tab);
    expect(await readReceipt(provider, tab, world.open)).toMatchObject(OPEN_RECEIPT);
  });

  test('comes back with file and passkey alone, in a browser that has never seen it', async () => {
    const world = await makeBackedUp(provider, true);
    const { browser, tab } = await withPasskeyAlone(world);
    expectValue(await tab.call('restore', { backup: world.backup }));
    expect(askedOf(browser, 'ask-words')).toMatchObject([{ wrong: null, passkeys: { credentialIds: [{}] } }]);
    await goOn(world.book, tab);
    expect(await readReceipt(provider, tab, world.open)).toMatchObject(OPEN_RECEIPT);
    expect(expectValue(await tab.call('status', {})).safety).toMatchObject({ backup: 'verified', backupPasskey: true });
  });

  test('comes back with the passkey alone, which finds the provider’s copy and is asked for once', async () => {
    const world = await makeBackedUp(provider, true);
    const { browser, tab } = await withPasskeyAlone(world);
    const [locator] = world.passkeyLocators;
    expect(expectValue(await tab.call('recoveryLocator', {}))).toEqual({ locator });
    expect(askedOf(browser, 'ask-words')).toMatchObject([{ passkeys: { credentialIds: [] } }]);
    expectValue(await tab.call('restore', { backup: world.backup }));
    expect(askedOf(browser, 'ask-words')).toHaveLength(1);
    expect(expectValue(await tab.call('status', {}))).toMatchObject({ epochPending: true, storage: 'ready' });
  });

  test('is asked for again five minutes after the passkey was given to look for the file', async () => {
    const world = await makeBackedUp(provider, true);
    const { browser, tab } = await withPasskeyAlone(world);
    expectValue(await tab.call('recoveryLocator', {}));
    browser.clock.advance(5 * 60_000);
    expectValue(await tab.call('restore', { backup: world.backup }));
    expect(askedOf(browser, 'ask-words')).toHaveLength(2);
  });

  test.each(['words', 'passkey'] as const)('that was restored by %s goes on being copied for both', async (by) => {
    const world = await makeBackedUp(provider, true);
    const browser = elsewhere(world);
    browser.person.prefersPasskey = by === 'passkey';
    const tab = await openTab(browser, provider.agencyKey);
    expectValue(await tab.call('restore', { backup: world.backup }));
    await goOn(world.book, tab);
    const copy = expectValue(await tab.call('backupCopy', {}));
    const { locator, passkeyLocators } = world;
    expect(copy).toMatchObject({ locator, passkeyLocators });
    const third = await withPasskeyAlone(world);
    expectValue(await third.tab.call('restore', { backup: copy?.backup ?? new Uint8Array() }));
  });

  test('leaves nothing of the passkey’s output in the database, the checkpoint or what the host is told', async () => {
    const world = await makeWorld(provider);
    const outputs: Uint8Array[] = [];
    world.browser.person.answer = async (question) => {
      const answer = await world.browser.person.agree(question);
      if (answer.kind === 'passkey') outputs.push(answer.prfOutput.slice());
      return answer;
    };
    world.browser.person.prefersPasskey = true;
    const { backup } = expectValue(await world.tab.call('makeBackup', { passkey: true }));
    expectValue(await world.tab.call('verifyBackup', { backup }));
    expect(outputs).toHaveLength(2);
    const { rows, slotBytes } = world.browser;
    const places = [rows, slotBytes, world.tab.outward, world.tab.events];
    expect(outputs.filter((output) => bytesWithin(places, output))).toEqual([]);
    const [slot] = rows.meta.backup?.passkeys ?? [];
    expect(bytesWithin(places, slot?.wrapped ?? new Uint8Array(1))).toBe(true);
  });

  test('counts as verified once the passkey has shown to open it', async () => {
    const { browser, tab, backup } = await makeBackedUp(provider, true);
    browser.person.prefersPasskey = true;
    expect(expectValue(await tab.call('verifyBackup', { backup }))).toMatchObject({ sessions: 3, openedBy: 'passkey' });
    expect(expectValue(await tab.call('status', {})).safety.backup).toBe('verified');
  });

  test('that the module has forgotten with its store is known again once it was shown to open', async () => {
    const world = await makeBackedUp(provider, true);
    world.tab.kill();
    wipeDatabase(world.browser);
    const tab = await openTab(world.browser, provider.agencyKey);
    expectValue(await tab.call('recover', {}));
    await goOn(world.book, tab);
    expect(expectValue(await tab.call('backupCopy', {}))).toBeNull();
    expectValue(await tab.call('verifyBackup', { backup: world.backup }));
    const { locator, passkeyLocators } = world;
    expect(expectValue(await tab.call('backupCopy', {}))).toMatchObject({ locator, passkeyLocators });
  });
});

describe('BT-7: the passkey of a backup', () => {
  test('is the lock’s where there is one, with another output than the lock’s', async () => {
    const { browser, tab } = await makeWorld(provider);
    expectValue(await tab.call('setLock', { factor: 'passkey' }));
    const slot = browser.rows.meta.vault?.slots.find(({ kind }) => kind === 'passkey');
    if (slot?.kind !== 'passkey') throw new Error('no lock');
    expectValue(await tab.call('makeBackup', { passkey: true }));
    const [asked] = askedOf(browser, 'backup-passkey');
    expect(asked?.known).toEqual([slot.credentialId]);
    expect(asked?.prfSalt).not.toEqual(slot.prfSalt);
    expect(browser.rows.meta.backup?.passkeys).toMatchObject([{ credentialId: slot.credentialId }]);
  });

  test('is that of the backup before, whose place at the provider then holds the newer one', async () => {
    const { browser, tab, passkeyLocators, locator } = await makeBackedUp(provider, true);
    const again = expectValue(await tab.call('makeBackup', { passkey: true }));
    expect(again.passkeyLocators).toEqual(passkeyLocators);
    expect(again.locator).not.toBe(locator);
    expect(askedOf(browser, 'backup-passkey').map(({ known }) => known.length)).toEqual([0, 1]);
    browser.person.prefersPasskey = true;
    expect(expectValue(await tab.call('verifyBackup', { backup: again.backup })).openedBy).toBe('passkey');
  });

  test('is left out of a backup that is made without, and the person is told', async () => {
    const { browser, tab } = await makeBackedUp(provider, true);
    const again = expectValue(await tab.call('makeBackup', { passkey: false }));
    expect(again.passkeyLocators).toEqual([]);
    expect(askedOf(browser, 'approve').at(-1)?.lines.join(' ')).toContain('opened by words alone');
    browser.person.prefersPasskey = true;
    expect(expectValue(await tab.call('verifyBackup', { backup: again.backup })).openedBy).toBe('words');
    expect(askedOf(browser, 'ask-words').at(-1)?.passkeys).toBeNull();
  });

  test('that cannot be had makes no backup, before any word is shown; with words alone there is one', async () => {
    const { browser, tab } = await makeWorld(provider);
    const before = structuredClone(browser.rows);
    const { person } = browser;
    const codes: Record<string, string | null> = {};
    for (const kind of ['unavailable', 'refused', 'covered'] as const) {
      person.answer = (question) => (question.kind === 'backup-passkey' ? { kind } : person.agree(question));
      codes[kind] = codeOf(await tab.call('makeBackup', { passkey: true }));
    }
    expect(codes).toEqual({
      unavailable: 'backup/no-passkey',
      refused: 'consent/refused',
      covered: 'consent/covered',
    });
    expect(browser.rows).toEqual(before);
    expect(askedOf(browser, 'show-words')).toEqual([]);
    expectValue(await tab.call('makeBackup', { passkey: false }));
  });

  test('of somebody else opens nothing, and the words are asked for in its place', async () => {
    const world = await makeBackedUp(provider, true);
    const { browser, tab } = await withPasskeyAlone(world);
    const [slot] = world.browser.rows.meta.backup?.passkeys ?? [];
    if (slot === undefined) throw new Error('no passkey');
    const thief = makeAuthenticator();
    browser.person.answer = (question) => {
      if (question.kind !== 'ask-words') return browser.person.agree(question);
      return { ...thief.make(randomBytes(32)), credentialId: slot.credentialId };
    };
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('restore', { backup: world.backup }))).toBe('backup/wrong-passkey');
    expect(askedOf(browser, 'ask-words').map(({ wrong }) => wrong)).toEqual([null, 'passkey', 'passkey']);
    expect(browser.rows).toEqual(before);
    browser.person.words = world.browser.person.words;
    browser.person.answer = (question) => {
      const isFirst = question.kind === 'ask-words' && question.wrong === null;
      return isFirst ? thief.make(randomBytes(32)) : browser.person.agree(question);
    };
    expectValue(await tab.call('restore', { backup: world.backup }));
  });

  test('given to look for a file does not open another person’s, for which the words are asked', async () => {
    const world = await makeBackedUp(provider, true);
    const other = await makeBackedUp(provider, true);
    const { browser, tab } = await withPasskeyAlone(world);
    expectValue(await tab.call('recoveryLocator', {}));
    browser.person.words = other.browser.person.words;
    browser.person.prefersPasskey = false;
    expectValue(await tab.call('restore', { backup: other.backup }));
    expect(askedOf(browser, 'ask-words')).toHaveLength(2);
  });

  test.each<[string, (slots: readonly CborValue[]) => CborValue, string]>([
    ['was altered', ([slot]) => [alteredSlot(slot)], 'backup/wrong-passkey'],
    ['was taken out', () => [], 'backup/wrong-words'],
  ])('whose slot %s does not open the file, nor do the words', async (_what, alter, code) => {
    const world = await makeBackedUp(provider, true);
    const parts = decodeCbor(world.backup);
    if (!Array.isArray(parts) || !Array.isArray(parts[3])) throw new Error('no slots');
    const backup = encodeCbor(parts.with(3, alter(parts[3])));
    const browser = elsewhere(world);
    const tab = await openTab(browser, provider.agencyKey);
    expect(codeOf(await tab.call('restore', { backup }))).toBe('backup/wrong-words');
    browser.person.answer = (question) => {
      if (question.kind !== 'ask-words') return browser.person.agree(question);
      const passkey = question.passkeys === null ? null : browser.person.authenticator.open(question.passkeys);
      return passkey ?? { kind: 'words', words: recoveryWordsOf(randomBytes(16)) };
    };
    expect(codeOf(await tab.call('restore', { backup }))).toBe(code);
    expect(browser.rows.sessions.size).toBe(0);
  });

  function alteredSlot(slot: CborValue | undefined): CborValue {
    if (!Array.isArray(slot) || !(slot[2] instanceof Uint8Array)) throw new Error('no slot');
    return slot.with(
      2,
      slot[2].map((byte, at) => (at === 0 ? byte ^ 1 : byte)),
    );
  }
});
