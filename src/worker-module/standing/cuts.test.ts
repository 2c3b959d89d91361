// Everything that concerns epochs, cut at every storage call on both sides of its effect: after one restart it is done or undone, and asking
// again brings it to the same end.

import { describe, expect, test } from 'vitest';
import { hashObject, type SessionId } from '../../protocol/ids.ts';
import {
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
import { makeProviderBook, type Word } from './testing/provider-book.ts';

/** More calls than any operation makes: a loop that reaches it has not ended by itself. */
const MOST_CALLS = 80;

const provider = await makeProviderSide();

type Scene = { readonly browser: TestBrowser };
type Operation<Given extends Scene> = {
  /** A profile, and what the host holds; not changed by a run. */
  scene(): Promise<Given>;
  /** The operation, answered or cut. */
  run(given: Given, tab: TestTab): Promise<unknown>;
  /** After a restart: done or undone. Brings it to its end, which is asserted here. */
  finish(given: Given, tab: TestTab, browser: TestBrowser): Promise<void>;
};

async function forked() {
  const book = makeProviderBook(provider);
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  await book.enrol(tab);
  const session = await book.open(tab);
  expectValue(await deliver(provider, tab, session, 0));
  await showFrame(tab.sink(), 0);
  const word = await book.standing(tab, { verdict: 'fork', since: 1 });
  return { book, browser, tab, session, word };
}

async function alarmsIn(browser: TestBrowser): Promise<number> {
  return (await checkRecord(browser.rows)).filter(({ kind }) => kind === 'alarm').length;
}

const beginEpoch: Operation<Scene> = {
  scene: async () => {
    const { browser, tab, word } = await forked();
    expectValue(await tab.call('acceptStanding', word));
    tab.kill();
    return { browser };
  },
  run: (_given, tab) => tab.call('beginEpoch', {}),
  finish: async (_given, tab, browser) => {
    const begun = expectValue(await tab.call('status', {})).epochPending;
    const { request } = expectValue(await tab.call('enrolmentRequest', {}));
    expectValue(await tab.call('beginEpoch', {}));
    const after = expectValue(await tab.call('enrolmentRequest', {})).request;
    // Begun: the same request for good. Not begun: the one of the present epoch until then.
    if (begun) expect(after).toEqual(request);
    else expect(after).not.toEqual(request);
    const entries = await checkRecord(browser.rows);
    expect(entries.filter((entry) => entry.kind === 'disclosed' && entry.what === 'enrolment')).toHaveLength(2);
    expect(browser.rows.meta.identity?.pending).toMatchObject({ epoch: 2 });
  },
};

const acceptStanding: Operation<Scene & { readonly word: Word; readonly open: SessionId; readonly closed: SessionId }> =
  {
    scene: async () => {
      const { book, browser, tab, session: closed } = await forked();
      expectValue(await tab.call('closeSession', { session: closed }));
      const open = await book.open(tab);
      const sessions = [open, closed].map((session) => {
        return { session, receiptHash: hashObject(randomBytes(8)), sequenceNumber: 1, amountMinor: 20n };
      });
      const word = await book.standing(tab, { verdict: 'fork', since: 1, sessions });
      tab.kill();
      return { browser, word, open, closed };
    },
    run: ({ word }, tab) => tab.call('acceptStanding', word),
    finish: async ({ word }, tab, browser) => {
      expectValue(await tab.call('acceptStanding', word));
      expect(await alarmsIn(browser)).toBe(1);
      expect(expectValue(await tab.call('status', {})).standing).toBe('fork');
      const states = expectValue(await tab.call('sessions', {})).map(({ state }) => state);
      expect(states).toEqual(['refused', 'refused']);
      expect(expectValue(await tab.call('operations', {})).filter(({ status }) => status === 'needs-you')).toHaveLength(
        1,
      );
      expect((await checkRecord(browser.rows)).filter(({ kind }) => kind === 'receipt')).toHaveLength(2);
    },
  };

const acceptPapers: Operation<Scene & { readonly receiptFiles: readonly Uint8Array[] }> = {
  scene: async () => {
    const { book, browser, tab, session } = await forked();
    const older = copyTestBrowser(browser);
    expectValue(await tab.call('closeSession', { session }));
    const other = await book.open(tab);
    expectValue(await tab.call('closeSession', { session: other }));
    for (const closed of [session, other]) await book.takeReceipt(tab, closed);
    tab.kill();
    const copy = await openTab(older, provider.agencyKey);
    expectValue(await copy.call('closeSession', { session }));
    copy.kill();
    return { browser: older, receiptFiles: book.papers([other]) };
  },
  run: ({ receiptFiles }, tab) => tab.call('acceptPapers', { receiptFiles }),
  finish: async ({ receiptFiles }, tab, browser) => {
    const known = expectValue(await tab.call('receipts', {})).filter(({ state }) => state === 'accepted').length;
    expect(expectValue(await tab.call('acceptPapers', { receiptFiles })).kept).toBe(1 - known);
    expect(expectValue(await tab.call('receipts', {})).filter(({ state }) => state === 'accepted')).toHaveLength(1);
    expect((await checkRecord(browser.rows)).filter(({ kind }) => kind === 'acknowledged')).toHaveLength(1);
  },
};

const acceptCertificate: Operation<Scene & { readonly certificate: Uint8Array }> = {
  scene: async () => {
    const { book, browser, tab, word } = await forked();
    expectValue(await tab.call('acceptStanding', word));
    expectValue(await tab.call('beginEpoch', {}));
    tab.kill();
    // Enrolled on a copy, so that this profile still waits for the certificate.
    const copy = await openTab(copyTestBrowser(browser), provider.agencyKey);
    const certificate = await book.enrol(copy);
    return { browser, certificate };
  },
  run: ({ certificate }, tab) => tab.call('acceptCertificate', { certificate }),
  finish: async ({ certificate }, tab, browser) => {
    const before = expectValue(await tab.call('status', {}));
    expect(before.epoch === 2).toBe(!before.epochPending);
    expectValue(await tab.call('acceptCertificate', { certificate }));
    const status = expectValue(await tab.call('status', {}));
    expect(status).toMatchObject({ epoch: 2, epochPending: false, certificate });
    expect((await checkRecord(browser.rows)).filter(({ kind }) => kind === 'epoch')).toHaveLength(1);
    const operations = expectValue(await tab.call('operations', {}));
    expect(operations.filter(({ kind }) => kind === 'epoch')).toEqual([]);
  },
};

const answerChallenge: Operation<Scene> = {
  scene: async () => {
    const { browser, tab } = await forked();
    tab.kill();
    return { browser };
  },
  run: (_given, tab) => makeProviderBook(provider).contact(tab, 2),
  finish: async (_given, tab, browser) => {
    const before = (await checkRecord(browser.rows)).length;
    await makeProviderBook(provider).contact(tab, 2);
    const entries = await checkRecord(browser.rows);
    expect(entries.length).toBe(before + 1);
    expect(entries.at(-1)).toMatchObject({ kind: 'disclosed', what: 'contact' });
  },
};

describe('BT-8: cut at any storage call', () => {
  cutEverywhere('beginning an epoch', beginEpoch);
  cutEverywhere('taking a standing in', acceptStanding);
  cutEverywhere('taking papers in', acceptPapers);
  cutEverywhere('beginning an epoch with its certificate', acceptCertificate);
  cutEverywhere('answering a challenge', answerChallenge);
});

function cutEverywhere<Given extends Scene>(name: string, operation: Operation<Given>): void {
  for (const side of ['before', 'after'] as const) {
    test(`${name}, cut ${side} the effect of each call, is done or undone after one restart`, {
      timeout: 60_000,
    }, async () => {
      const given = await operation.scene();
      let cuts = 0;
      for (let call = 1; ; call += 1) {
        expect(call).toBeLessThan(MOST_CALLS);
        const browser = copyTestBrowser(given.browser);
        const tab = await openTab(browser, provider.agencyKey);
        tab.store.setFault({ call, side });
        await operation.run(given, tab).catch(() => undefined);
        const wasCut = tab.store.isDead();
        tab.kill();
        await checkRecord(browser.rows);
        const restarted = await openTab(browser, provider.agencyKey);
        await operation.finish(given, restarted, browser);
        restarted.kill();
        if (!wasCut) break;
        cuts += 1;
      }
      expect(cuts).toBeGreaterThan(2);
    });
  }
}
