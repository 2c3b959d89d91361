// The provider's word and what it may not do: each lie altered in one member, and each fact that follows from an honest one.

import { describe, expect, test } from 'vitest';
import { issueCertificate } from '../../protocol/certificate.ts';
import { decodeModuleId, hashObject, makeSessionId, type SessionId } from '../../protocol/ids.ts';
import { makeStanding, type StandingSession, type StandingToSign } from '../../protocol/standing.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import {
  codeOf,
  copyTestBrowser,
  expectValue,
  makeTestBrowser,
  openTab,
  showFrame,
  type TestBrowser,
  type TestTab,
} from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { makeProviderSide, randomBytes, START_TIME } from '../testing/provider-side.ts';
import { deliver } from '../testing/steps.ts';
import { makeProviderBook, type Word } from './testing/provider-book.ts';

const provider = await makeProviderSide();

async function met() {
  const book = makeProviderBook(provider);
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  await book.enrol(tab);
  const session = await book.open(tab);
  expectValue(await deliver(provider, tab, session, 0));
  await showFrame(tab.sink(), 0);
  return { book, browser, tab, session };
}

async function closed() {
  const at = await met();
  const { receiptFile } = expectValue(await at.tab.call('closeSession', { session: at.session }));
  return { ...at, receiptFile };
}

async function accept(tab: TestTab, word: Word) {
  return expectValue(await tab.call('acceptStanding', word));
}

/** Certified by the agency, and not the provider of the test programme. */
async function otherProvider() {
  const signer = signerFromSecret(randomBytes(32));
  const providerCertificate = await issueCertificate({
    ...{ signer: provider.agencySigner, role: 'provider', subjectKey: signer.publicKey },
    ...{ issuedAt: START_TIME, expires: START_TIME + 1e9 },
  });
  return { signer, providerCertificate };
}

/** Another provider's good word on the module of this browser. */
async function goodWordOf(browser: TestBrowser, sessions: readonly StandingSession[]): Promise<Word> {
  const { signer, providerCertificate } = await otherProvider();
  const { identity } = browser.rows.meta;
  if (identity === null) throw new Error('not enrolled');
  const { moduleId: module, device, epoch } = identity;
  const standing = await makeStanding({
    signer,
    standing: {
      ...{ module, verdict: 'good', device, epoch, counter: 0, head: new Uint8Array(32), since: 0 },
      ...{ currency: 'EUR', creditMinor: 0n, sessions, issuedAt: START_TIME },
    },
  });
  return { standing, providerCertificate };
}

const settledBy = (session: SessionId, receiptHash = hashObject(randomBytes(8))): StandingSession => ({
  ...{ session, receiptHash, sequenceNumber: 7, amountMinor: 20n },
});

describe('BT-8: a standing that lies is refused, and nothing of it is kept', () => {
  type Lie = readonly [string, Partial<StandingToSign>, string];
  const lies: readonly Lie[] = [
    ['is about another module', { module: decodeModuleId(randomBytes(16)) }, 'standing/malformed'],
    ['says good of another epoch', { epoch: 2 }, 'standing/malformed'],
    ['says good of another device', { device: randomBytes(16) }, 'standing/malformed'],
    ['says superseded of the very life that asked', { verdict: 'superseded', since: 1 }, 'standing/malformed'],
    ['is of an epoch that is over', { device: new Uint8Array(16), epoch: 0 }, 'standing/stale'],
    ['comes from the future', { issuedAt: START_TIME + 6 * 60_000 }, 'standing/malformed'],
  ];
  test.each(lies)('one that %s', async (_what, altered, code) => {
    const { book, browser, tab } = await met();
    const word = await book.standing(tab, altered);
    const before = (await checkRecord(browser.rows)).length;
    expect(codeOf(await tab.call('acceptStanding', word))).toBe(code);
    expect((await checkRecord(browser.rows)).length).toBe(before);
    expect(expectValue(await tab.call('status', {})).standing).toBe('unknown');
  });

  test('one that is older than the one that is kept', async () => {
    const { book, tab } = await met();
    const older = await book.standing(tab, { verdict: 'fork', since: 1 });
    const newer = await book.standing(tab, { issuedAt: START_TIME + 1_000 });
    await accept(tab, newer);
    expect(codeOf(await tab.call('acceptStanding', older))).toBe('standing/stale');
    expect(expectValue(await tab.call('status', {})).standing).toBe('good');
  });

  test('one with a byte changed, one of another signer, and one of a provider of another agency', async () => {
    const { book, tab } = await met();
    const word = await book.standing(tab);
    const standing = Uint8Array.from(word.standing, (byte, at) => (at === word.standing.length - 1 ? byte ^ 1 : byte));
    expect(codeOf(await tab.call('acceptStanding', { ...word, standing }))).toBe('standing/malformed');
    const { providerCertificate } = await otherProvider();
    expect(codeOf(await tab.call('acceptStanding', { ...word, providerCertificate }))).toBe('standing/malformed');
    const stranger = (await makeProviderSide()).providerCertificate;
    expect(codeOf(await tab.call('acceptStanding', { ...word, providerCertificate: stranger }))).toBe(
      'certificate/foreign',
    );
  });

  test('any, before the module is enrolled', async () => {
    const { book, tab } = await met();
    const word = await book.standing(tab);
    const unknown = await openTab(makeTestBrowser(), provider.agencyKey);
    expect(codeOf(await unknown.call('acceptStanding', word))).toBe('enrolment/needed');
  });
});

describe('BT-8: what follows from a standing', () => {
  test('a good one changes nothing but what is known, and says nothing twice', async () => {
    const { book, browser, tab } = await met();
    const word = await book.standing(tab);
    const before = (await checkRecord(browser.rows)).length;
    expect(await accept(tab, word)).toEqual({ standing: 'good', missing: [] });
    const rows = structuredClone(browser.rows);
    const told = tab.events.length;
    expect(await accept(tab, word)).toEqual({ standing: 'good', missing: [] });
    expect(browser.rows).toEqual(rows);
    expect(tab.events.length).toBe(told);
    expect((await checkRecord(browser.rows)).length).toBe(before);
    expect(expectValue(await tab.call('status', {})).standing).toBe('good');
  });

  test('it is kept: after a restart it is still known, and its provider’s certificate may have run out', async () => {
    const { book, browser, tab } = await met();
    await accept(tab, await book.standing(tab, { verdict: 'fork', since: 1 }));
    tab.kill();
    browser.clock.advance(2 * 365 * 24 * 3_600_000);
    const again = await openTab(browser, provider.agencyKey);
    expect(expectValue(await again.call('status', {})).standing).toBe('fork');
  });

  test('one that was altered in the store counts as none', async () => {
    const { book, browser, tab } = await met();
    await accept(tab, await book.standing(tab));
    const row = browser.rows.meta.standing;
    if (row === null) throw new Error('no standing is kept');
    const altered = Uint8Array.from(row.standing, (byte, at) => (at === row.standing.length - 1 ? byte ^ 1 : byte));
    browser.rows.meta.standing = { ...row, standing: altered };
    const again = await openTab(browser, provider.agencyKey);
    expect(expectValue(await again.call('status', {})).standing).toBe('unknown');
    await accept(again, await book.standing(again));
    expect(expectValue(await again.call('status', {})).standing).toBe('good');
  });

  const verdicts = [
    ['regress', 'record/regress'],
    ['fork', 'record/fork'],
  ] as const;
  test.each(verdicts)(
    '%s is an alarm once, an operation that needs the person, and over with the next good one',
    async (verdict, code) => {
      const { book, browser, tab } = await met();
      const bad = { verdict, since: 1 };
      await accept(tab, await book.standing(tab, bad));
      await accept(tab, await book.standing(tab, bad));
      expect((await checkRecord(browser.rows)).filter(({ kind }) => kind === 'alarm')).toMatchObject([{ code }]);
      const needed = expectValue(await tab.call('operations', {})).filter(({ kind }) => kind === 'epoch');
      expect(needed).toMatchObject([{ status: 'needs-you', code, session: null }]);
      expect(tab.events).toContainEqual({ type: 'changed', what: 'operations' });
      expect(tab.events).toContainEqual({ type: 'changed', what: 'status' });
      await accept(tab, await book.standing(tab));
      expect(expectValue(await tab.call('operations', {})).filter(({ kind }) => kind === 'epoch')).toEqual([]);
      expect(expectValue(await tab.call('status', {})).standing).toBe('good');
    },
  );

  test('another provider’s good word does not take a refusal away', async () => {
    const { book, browser, tab } = await met();
    await accept(tab, await book.standing(tab, { verdict: 'fork', since: 1 }));
    expect((await accept(tab, await goodWordOf(browser, []))).standing).toBe('good');
    expect(expectValue(await tab.call('status', {})).standing).toBe('fork');
    expect(expectValue(await tab.call('operations', {})).filter(({ status }) => status === 'needs-you')).toHaveLength(
      1,
    );
  });

  test('handed in twice at once, in one tab and in two, it is one alarm', async () => {
    const { book, browser, tab } = await met();
    const other = await openTab(browser, provider.agencyKey);
    const word = await book.standing(tab, { verdict: 'fork', since: 1 });
    await Promise.all([accept(tab, word), accept(tab, word), accept(other, word)]);
    expect((await checkRecord(browser.rows)).filter(({ kind }) => kind === 'alarm')).toHaveLength(1);
    expect(expectValue(await tab.call('operations', {})).filter(({ status }) => status === 'needs-you')).toHaveLength(
      1,
    );
  });

  test('another tab hears that something has changed', async () => {
    const { book, browser, tab } = await met();
    const other = await openTab(browser, provider.agencyKey);
    await accept(tab, await book.standing(tab, { verdict: 'fork', since: 1 }));
    expect(other.events).toContainEqual({ type: 'changed', what: 'status' });
    expect(expectValue(await other.call('status', {})).standing).toBe('fork');
  });
});

describe('BT-8: sessions in a standing', () => {
  test('one whose acknowledgement never arrived is missing, until its papers bring it', async () => {
    const { book, tab, session } = await closed();
    await book.takeReceipt(tab, session);
    expect((await accept(tab, await book.standing(tab))).missing).toEqual([session]);
    expect(expectValue(await tab.call('acceptPapers', { receiptFiles: book.papers([session]) }))).toEqual({ kept: 1 });
    expect(expectValue(await tab.call('receipts', {}))).toMatchObject([{ session, state: 'accepted' }]);
    expect((await accept(tab, await book.standing(tab))).missing).toEqual([]);
  });

  test('one that this copy does not know is missing', async () => {
    const { book, tab } = await met();
    const unknown = makeSessionId(randomBytes);
    const word = await book.standing(tab, { sessions: [settledBy(unknown)] });
    expect((await accept(tab, word)).missing).toEqual([unknown]);
  });

  test('one without a receipt there is neither missing nor touched', async () => {
    const { book, tab, session } = await met();
    expect(await accept(tab, await book.standing(tab))).toEqual({ standing: 'good', missing: [] });
    expect(expectValue(await tab.call('sessions', {}))).toMatchObject([{ session, state: 'open' }]);
  });

  test('one settled with another receipt than ours is refused here, kept, and shown as failed', async () => {
    const { book, tab, session, receiptFile } = await closed();
    const word = await book.standing(tab, { sessions: [settledBy(session)] });
    expect((await accept(tab, word)).missing).toEqual([]);
    expect(expectValue(await tab.call('receipts', {}))).toMatchObject([{ session, state: 'refused' }]);
    expect(expectValue(await tab.call('receiptFile', { session })).receiptFile).toEqual(receiptFile);
    const operation = expectValue(await tab.call('operations', {})).find((view) => view.session === session);
    expect(operation).toMatchObject({ status: 'failed', code: 'receipt/refused' });
    expect(tab.events).toContainEqual({ type: 'changed', what: 'receipts' });
  });

  test('one settled there while it is still open here is ended first, with a receipt of its own, and plays no more', async () => {
    const { book, tab, session } = await met();
    await accept(tab, await book.standing(tab, { sessions: [settledBy(session)] }));
    expect(expectValue(await tab.call('sessions', {}))).toMatchObject([{ session, state: 'refused', count: 1 }]);
    expect(expectValue(await tab.call('receiptFile', { session })).receiptFile.length).toBeGreaterThan(0);
    expect(codeOf(await deliver(provider, tab, session, 1))).toBe('session/closed');
  });

  test('one that was accepted stays so, whatever the provider says later', async () => {
    const { book, tab, session } = await closed();
    const acknowledgement = await book.takeReceipt(tab, session);
    expectValue(await tab.call('acceptAcknowledgement', { session, acknowledgement }));
    await accept(tab, await book.standing(tab, { sessions: [settledBy(session)] }));
    expect(expectValue(await tab.call('receipts', {}))).toMatchObject([{ session, state: 'accepted' }]);
  });

  test('a provider settles no session of another provider', async () => {
    const { book, browser, tab, session } = await closed();
    const open = await book.open(tab);
    const word = await goodWordOf(browser, [settledBy(session), settledBy(open)]);
    await accept(tab, word);
    const views = expectValue(await tab.call('sessions', {}));
    expect(views.find((view) => view.session === session)?.state).toBe('closed');
    expect(views.find((view) => view.session === open)?.state).toBe('open');
  });

  test('no more than two hundred are named as missing at once', async () => {
    const { book, tab } = await met();
    const sessions = Array.from({ length: 250 }, () => settledBy(makeSessionId(randomBytes)));
    const { missing } = await accept(tab, await book.standing(tab, { sessions }));
    expect(missing).toEqual(sessions.slice(0, 200).map(({ session }) => session));
  });

  test('of two copies the same word does the same: what a copied profile has refused stays refused', async () => {
    const { book, browser, tab, session } = await closed();
    const word = await book.standing(tab, { sessions: [settledBy(session)] });
    await accept(tab, word);
    tab.kill();
    const copy = await openTab(copyTestBrowser(browser), provider.agencyKey);
    await accept(copy, word);
    expect(expectValue(await copy.call('receipts', {}))).toMatchObject([{ session, state: 'refused' }]);
  });
});
