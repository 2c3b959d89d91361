// Papers: what a provider has of this module and this copy has not. Each that lies is refused by its own code, with nothing kept of the batch.

import { describe, expect, test } from 'vitest';
import { makeAcknowledgement } from '../../protocol/acknowledgement.ts';
import { checkReceiptFile } from '../../protocol/receipt-checks.ts';
import { decodeReceiptFile, encodeReceiptFile, type ReceiptFile } from '../../protocol/receipt-file.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import { makeMemoryRows } from '../store/testing/memory-store.ts';
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
import { makeProviderSide, randomBytes } from '../testing/provider-side.ts';
import { deliver } from '../testing/steps.ts';
import { makeProviderBook } from './testing/provider-book.ts';

const provider = await makeProviderSide();

/** A module, an older copy of its profile, and the papers of two sessions that only the newer one had. */
async function behind() {
  const book = makeProviderBook(provider);
  const browser = makeTestBrowser();
  const newer = await openTab(browser, provider.agencyKey);
  await book.enrol(newer);
  const older = copyTestBrowser(browser);
  const sessions = [];
  for (const frames of [[0, 1, 4], [2]]) {
    const session = await book.open(newer);
    for (const frame of frames) {
      expectValue(await deliver(provider, newer, session, frame));
      await showFrame(newer.sink(), frame);
    }
    expectValue(await newer.call('closeSession', { session }));
    await book.takeReceipt(newer, session);
    sessions.push(session);
  }
  newer.kill();
  const tab = await openTab(older, provider.agencyKey);
  return { book, browser: older, tab, sessions, papers: book.papers(sessions) };
}

function altered(paper: Uint8Array, replaced: Partial<ReceiptFile>): Uint8Array {
  return encodeReceiptFile({ ...decodeReceiptFile(paper), ...replaced });
}

function flipped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
}

async function paperAt(papers: readonly Uint8Array[], at: number): Promise<Uint8Array> {
  const paper = papers[at];
  if (paper === undefined) throw new Error(`no paper ${at}`);
  return paper;
}

async function keeps(tab: TestTab, receiptFiles: readonly Uint8Array[]) {
  return tab.call('acceptPapers', { receiptFiles });
}

describe('BT-8: papers', () => {
  test('bring sessions of another copy in as accepted, and what is then exported passes every check offline', async () => {
    const { browser, tab, sessions, papers } = await behind();
    expect(expectValue(await keeps(tab, papers))).toEqual({ kept: 2 });
    const views = expectValue(await tab.call('sessions', {}));
    expect(views.map((view) => view.session).sort()).toEqual(sessions.toSorted());
    const view = views.find(({ session }) => session === sessions[0]);
    expect(view).toMatchObject({ state: 'accepted', count: 3, amountMinor: 60, title: 'A test programme' });
    expect(view?.decrypted).toEqual([
      [0, 2],
      [4, 5],
    ]);
    for (const session of sessions) {
      const { receiptFile } = expectValue(await tab.call('receiptFile', { session }));
      expect(papers).toContainEqual(receiptFile);
      const report = await checkReceiptFile({ file: receiptFile, agencyKey: provider.agencyKey, suite });
      expect(report.valid).toBe(true);
    }
    expect(expectValue(await tab.call('receipts', {}))).toMatchObject([{ state: 'accepted' }, { state: 'accepted' }]);
    const kinds = (await checkRecord(browser.rows)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'acknowledged')).toHaveLength(2);
    // They left from the other copy: this one signed nothing.
    expect(kinds).not.toContain('receipt');
  });

  test('are one however often they come, in one call, in two, and in two tabs at once', async () => {
    const { browser, tab, papers } = await behind();
    const other = await openTab(browser, provider.agencyKey);
    const first = await paperAt(papers, 0);
    expect(expectValue(await keeps(tab, [first, first]))).toEqual({ kept: 1 });
    const both = await Promise.all([keeps(tab, papers), keeps(other, papers)]);
    expect(both.map((kept) => expectValue(kept).kept).reduce((sum, kept) => sum + kept, 0)).toBe(1);
    expect(expectValue(await keeps(tab, papers))).toEqual({ kept: 0 });
    expect((await checkRecord(browser.rows)).filter(({ kind }) => kind === 'acknowledged')).toHaveLength(2);
  });

  test('take the place of what a recovery closed, where the copy that was lost had settled it', async () => {
    const book = makeProviderBook(provider);
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    await book.enrol(tab);
    const session = await book.open(tab);
    expectValue(await deliver(provider, tab, session, 0));
    await showFrame(tab.sink(), 0);
    // Its checkpoint, from when the session was open: a contact writes one. The database is gone.
    await book.contact(tab);
    const wiped: TestBrowser = { ...copyTestBrowser(browser), rows: makeMemoryRows() };
    for (const frame of [1, 2]) {
      expectValue(await deliver(provider, tab, session, frame));
      await showFrame(tab.sink(), frame);
    }
    expectValue(await tab.call('closeSession', { session }));
    await book.takeReceipt(tab, session);
    tab.kill();
    const back = await openTab(wiped, provider.agencyKey);
    expectValue(await back.call('recover', {}));
    expect(expectValue(await back.call('sessions', {}))).toMatchObject([{ session, count: 1 }]);
    await book.enrol(back);
    expectValue(await back.call('acceptStanding', await book.standing(back)));
    const { missing } = expectValue(await back.call('acceptStanding', await book.standing(back)));
    expect(missing).toEqual([session]);
    expect(expectValue(await keeps(back, book.papers([session])))).toEqual({ kept: 1 });
    expect(expectValue(await back.call('sessions', {}))).toMatchObject([{ session, state: 'accepted', count: 3 }]);
    expect(expectValue(await back.call('receiptFile', { session })).receiptFile).toEqual(book.papers([session])[0]);
    expect(expectValue(await back.call('operations', {})).filter((view) => view.session === session)).toEqual([]);
    expect(expectValue(await keeps(back, book.papers([session])))).toEqual({ kept: 0 });
    const settled = expectValue(await back.call('acceptStanding', await book.standing(back)));
    expect(settled.missing).toEqual([]);
    await checkRecord(wiped.rows);
  });

  test('play no session that they brought', async () => {
    const { tab, sessions, papers } = await behind();
    expectValue(await keeps(tab, papers));
    const session = sessions[0] ?? '';
    expect(codeOf(await tab.call('resumeSession', { session, manifest: provider.manifestBytes }))).toBe(
      'session/closed',
    );
    expect(codeOf(await deliver(provider, tab, sessions[0] ?? failed(), 7))).toBe('session/closed');
  });
});

describe('BT-8: a paper that lies is refused, and nothing of its batch is kept', () => {
  const otherSigner = signerFromSecret(randomBytes(32));
  type Lie = readonly [string, (papers: readonly Uint8Array[]) => Promise<Uint8Array>, string];
  const lies: readonly Lie[] = [
    ['is no receipt file', async () => randomBytes(80), 'receipt/malformed'],
    [
      'has a receipt with a byte changed',
      async (papers) => {
        const paper = await paperAt(papers, 0);
        return altered(paper, { receipt: flipped(decodeReceiptFile(paper).receipt) });
      },
      'receipt/signature',
    ],
    [
      'has the receipt of another session',
      async (papers) => {
        const { receipt } = decodeReceiptFile(await paperAt(papers, 1));
        return altered(await paperAt(papers, 0), { receipt });
      },
      'receipt/binding',
    ],
    [
      'has no acknowledgement',
      async (papers) => altered(await paperAt(papers, 0), { acknowledgement: null }),
      'receipt/acknowledgement',
    ],
    [
      'has the acknowledgement of another receipt',
      async (papers) => {
        const { acknowledgement } = decodeReceiptFile(await paperAt(papers, 1));
        return altered(await paperAt(papers, 0), { acknowledgement });
      },
      'receipt/acknowledgement',
    ],
    [
      'is acknowledged by somebody else',
      async (papers) => {
        const paper = await paperAt(papers, 0);
        const acknowledgement = await provider.acknowledge(altered(paper, { acknowledgement: null }), 1, otherSigner);
        return altered(paper, { acknowledgement });
      },
      'receipt/acknowledgement',
    ],
    [
      'is acknowledged over another amount',
      async (papers) => {
        const paper = await paperAt(papers, 0);
        return altered(paper, { acknowledgement: await acknowledgedOver(paper, 9_999n) });
      },
      'receipt/acknowledgement',
    ],
    ['belongs to another module', async () => foreignPaper(), 'receipt/binding'],
    ['was certified by another agency', async () => strangePaper(), 'certificate/foreign'],
  ];
  test.each(lies)('one that %s', async (_what, lie, code) => {
    const { browser, tab, papers } = await behind();
    const before = structuredClone(browser.rows);
    const good = await paperAt(papers, 1);
    expect(codeOf(await keeps(tab, [good, await lie(papers)]))).toBe(code);
    expect(browser.rows).toEqual(before);
    expect(expectValue(await keeps(tab, papers))).toEqual({ kept: 2 });
  });

  test('more than fifty, none at all, or what is not bytes', async () => {
    const { tab, papers } = await behind();
    const paper = await paperAt(papers, 0);
    for (const receiptFiles of [Array.from({ length: 51 }, () => paper), [], [new Uint8Array()]]) {
      expect(codeOf(await keeps(tab, receiptFiles))).toBe('request/malformed');
    }
    expect(
      expectValue(
        await keeps(
          tab,
          Array.from({ length: 50 }, () => paper),
        ),
      ),
    ).toEqual({ kept: 1 });
  });

  test('one for a session that is open here touches nothing', async () => {
    const book = makeProviderBook(provider);
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    await book.enrol(tab);
    const session = await book.open(tab);
    const copy = await openTab(copyTestBrowser(browser), provider.agencyKey);
    expectValue(await copy.call('closeSession', { session }));
    await book.takeReceipt(copy, session);
    expect(expectValue(await keeps(tab, book.papers([session])))).toEqual({ kept: 0 });
    expect(expectValue(await tab.call('sessions', {}))).toMatchObject([{ session, state: 'open' }]);
  });

  test('one with another receipt than ours says that ours is refused', async () => {
    const book = makeProviderBook(provider);
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    await book.enrol(tab);
    const session = await book.open(tab);
    const copy = await openTab(copyTestBrowser(browser), provider.agencyKey);
    expectValue(await deliver(provider, tab, session, 0));
    await showFrame(tab.sink(), 0);
    expectValue(await copy.call('closeSession', { session }));
    await book.takeReceipt(copy, session);
    expectValue(await tab.call('closeSession', { session }));
    expect(expectValue(await keeps(tab, book.papers([session])))).toEqual({ kept: 0 });
    expect(expectValue(await tab.call('receipts', {}))).toMatchObject([{ session, state: 'refused' }]);
  });
});

async function acknowledgedOver(paper: Uint8Array, amountMinor: bigint): Promise<Uint8Array> {
  const { agencyKey, providerSigner: signer } = provider;
  const { acknowledgement } = await checkReceiptFile({ file: paper, agencyKey, suite });
  if (acknowledgement === null) throw new Error('not acknowledged');
  return makeAcknowledgement({ signer, acknowledgement: { ...acknowledgement, amountMinor } });
}

/** A good paper of another module of the same provider. */
async function foreignPaper(): Promise<Uint8Array> {
  return paperAt((await behind()).papers, 0);
}

/** A good paper of another world. */
async function strangePaper(): Promise<Uint8Array> {
  const side = await makeProviderSide();
  const book = makeProviderBook(side);
  const tab = await openTab(makeTestBrowser(), side.agencyKey);
  await book.enrol(tab);
  const session = await book.open(tab);
  expectValue(await tab.call('closeSession', { session }));
  await book.takeReceipt(tab, session);
  return paperAt(book.papers([session]), 0);
}

function failed(): never {
  throw new Error('no such session');
}
