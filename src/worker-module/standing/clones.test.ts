// Copies of one module, met in every order: each fork, each older copy and each copy that was taken over is named at its first contact, the
// honest one never is, and the way back brings everything that the provider took.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSessionId, type SessionId } from '../../protocol/ids.ts';
import { runs } from '../../protocol/testing/runs.ts';
import type { Standing } from '../commands.ts';
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
import { makeProviderSide } from '../testing/provider-side.ts';
import { deliver } from '../testing/steps.ts';
import { makeProviderBook, type ProviderBook } from './testing/provider-book.ts';

const provider = await makeProviderSide();

type Copy = { readonly browser: TestBrowser; readonly tab: TestTab };

async function opened(browser: TestBrowser): Promise<Copy> {
  return { browser, tab: await openTab(browser, provider.agencyKey) };
}

/** A module that the provider has met, with an open session, and the state of its profile. */
async function metModule() {
  const book = makeProviderBook(provider);
  const original = await opened(makeTestBrowser());
  await book.enrol(original.tab);
  const session = await book.open(original.tab);
  await watch(original.tab, session, 0);
  return { book, original, session };
}

async function watch(tab: TestTab, session: SessionId, frame: number): Promise<void> {
  expectValue(await tab.call('resumeSession', { session, manifest: provider.manifestBytes }));
  expectValue(await deliver(provider, tab, session, frame));
  await showFrame(tab.sink(), frame);
}

async function meet(book: ProviderBook, { tab }: Copy): Promise<Standing> {
  return book.judge(await book.contact(tab));
}

async function told(book: ProviderBook, { tab }: Copy): Promise<Standing> {
  return expectValue(await tab.call('acceptStanding', await book.standing(tab))).standing;
}

async function alarms({ browser }: Copy): Promise<readonly string[]> {
  const entries = await checkRecord(browser.rows);
  return entries.flatMap((entry) => (entry.kind === 'alarm' ? [entry.code] : []));
}

/** The way back: the person approves, the host enrols, asks, and brings the papers. */
async function goOn(book: ProviderBook, { tab }: Copy): Promise<number> {
  expectValue(await tab.call('beginEpoch', {}));
  await book.enrol(tab);
  const { missing } = expectValue(await tab.call('acceptStanding', await book.standing(tab)));
  const receiptFiles = book.papers(missing.map((id) => decodeSessionId(id)));
  return receiptFiles.length === 0 ? 0 : expectValue(await tab.call('acceptPapers', { receiptFiles })).kept;
}

describe('BT-8: two copies of one state, both used', () => {
  type Meeting = 'a' | 'b';
  /** Who meets the provider, in order; then what each meeting is found to be. */
  const orders: readonly (readonly [readonly Meeting[], readonly Standing[]])[] = [
    [
      ['a', 'b'],
      ['good', 'fork'],
    ],
    [
      ['b', 'a'],
      ['good', 'fork'],
    ],
    [
      ['a', 'a', 'b'],
      ['good', 'good', 'fork'],
    ],
    [
      ['b', 'b', 'a'],
      ['good', 'good', 'fork'],
    ],
    [
      ['a', 'b', 'a'],
      ['good', 'fork', 'good'],
    ],
    [
      ['b', 'a', 'b', 'a'],
      ['good', 'fork', 'good', 'fork'],
    ],
  ];
  for (const ahead of ['a', 'b', 'neither'] as const) {
    test.each(orders)(
      `met as %j with ${ahead} further on: the second to meet is named at once`,
      async (order, found) => {
        const { book, original, session } = await metModule();
        original.tab.kill();
        const copies = {
          a: await opened(copyTestBrowser(original.browser)),
          b: await opened(copyTestBrowser(original.browser)),
        };
        // Other frames, so that the branches differ at once; one of them may be longer.
        await watch(copies.a.tab, session, 1);
        await watch(copies.b.tab, session, 2);
        if (ahead !== 'neither') for (const frame of [5, 6, 7]) await watch(copies[ahead].tab, session, frame);
        const met: Standing[] = [];
        for (const step of order) met.push(await meet(book, copies[step]));
        const named = met.map((standing) => (standing === 'regress' ? 'fork' : standing));
        expect(named).toEqual(found);
      },
    );
  }

  test('is put to the person once: one alarm, one operation that needs them, whatever is asked again', async () => {
    const { book, original, session } = await metModule();
    original.tab.kill();
    const first = await opened(copyTestBrowser(original.browser));
    const second = await opened(copyTestBrowser(original.browser));
    await watch(first.tab, session, 1);
    await watch(second.tab, session, 2);
    await watch(second.tab, session, 3);
    expect(await told(book, first)).toBe('good');
    for (let times = 0; times < 3; times += 1) expect(await told(book, second)).toBe('fork');
    expect(await alarms(second)).toEqual(['record/fork']);
    expect(await alarms(first)).toEqual([]);
    expect(expectValue(await second.tab.call('status', {})).standing).toBe('fork');
    const operations = expectValue(await second.tab.call('operations', {}));
    const epoch = operations.find(({ kind }) => kind === 'epoch');
    expect(epoch).toMatchObject({ status: 'needs-you', code: 'record/fork' });
  });
});

describe('BT-8: an older copy', () => {
  test('of a profile that was copied back is named at its first contact', async () => {
    const { book, original, session } = await metModule();
    const older = copyTestBrowser(original.browser);
    await watch(original.tab, session, 1);
    await watch(original.tab, session, 2);
    expect(await meet(book, original)).toBe('good');
    original.tab.kill();
    const back = await opened(older);
    expect(await told(book, back)).toBe('regress');
    expect(await alarms(back)).toEqual(['record/regress']);
  });

  test('that waits until its counter has passed is a fork', async () => {
    const { book, original, session } = await metModule();
    const older = copyTestBrowser(original.browser);
    await watch(original.tab, session, 1);
    expect(await meet(book, original)).toBe('good');
    original.tab.kill();
    const back = await opened(older);
    for (const frame of [4, 5, 6]) await watch(back.tab, session, frame);
    expect(await told(book, back)).toBe('fork');
  });
});

describe('BT-8: the way back', () => {
  test('brings what the provider took from the other copy, and supersedes it at its first contact', async () => {
    const { book, original, session } = await metModule();
    original.tab.kill();
    const older = await opened(copyTestBrowser(original.browser));
    const newer = await opened(original.browser);
    await watch(newer.tab, session, 1);
    expectValue(await newer.tab.call('closeSession', { session }));
    await book.takeReceipt(newer.tab, session);
    const later = await book.open(newer.tab);
    await watch(newer.tab, later, 3);
    expectValue(await newer.tab.call('closeSession', { session: later }));
    await book.takeReceipt(newer.tab, later);

    expect(await told(book, older)).toMatch(/regress|fork/);
    expect(await goOn(book, older)).toBe(1);
    const status = expectValue(await older.tab.call('status', {}));
    expect(status).toMatchObject({ epoch: 2, epochPending: false, standing: 'good' });
    const sessions = expectValue(await older.tab.call('sessions', {}));
    expect(sessions.find((view) => view.session === later)).toMatchObject({ state: 'accepted', count: 1 });
    // Both made a receipt for the one that was open when the profile was copied: the provider has the other one.
    expect(sessions.find((view) => view.session === session)).toMatchObject({ state: 'refused' });
    const operations = expectValue(await older.tab.call('operations', {}));
    expect(operations.find((view) => view.session === session)).toMatchObject({
      status: 'failed',
      code: 'receipt/refused',
    });
    expect(operations.filter(({ kind }) => kind === 'epoch')).toEqual([]);

    expect(await told(book, newer)).toBe('superseded');
    expect(await alarms(newer)).toEqual(['module/superseded']);
    expect(await meet(book, older)).toBe('good');
  });

  test('lets the copy that was superseded go on in turn, and nothing is lost on either way', async () => {
    const { book, original, session } = await metModule();
    original.tab.kill();
    const first = await opened(copyTestBrowser(original.browser));
    const second = await opened(copyTestBrowser(original.browser));
    await watch(first.tab, session, 1);
    await watch(second.tab, session, 2);
    await meet(book, first);
    await told(book, second);
    await goOn(book, second);
    expect(await told(book, first)).toBe('superseded');
    await goOn(book, first);
    expect(expectValue(await first.tab.call('status', {}))).toMatchObject({ epoch: 3, standing: 'good' });
    expect(await told(book, second)).toBe('superseded');
    // Open in both: the first to close is charged, the other is told so.
    expectValue(await first.tab.call('closeSession', { session }));
    const acknowledgement = await book.takeReceipt(first.tab, session);
    expect(expectValue(await first.tab.call('acceptAcknowledgement', { session, acknowledgement })).state).toBe(
      'accepted',
    );
    expect(await told(book, second)).toBe('superseded');
    const [view] = expectValue(await second.tab.call('sessions', {}));
    expect(view).toMatchObject({ session, state: 'refused' });
  });

  test('asks for the epoch after the one that another copy took meanwhile', async () => {
    const { book, original, session } = await metModule();
    original.tab.kill();
    const first = await opened(copyTestBrowser(original.browser));
    const second = await opened(copyTestBrowser(original.browser));
    const third = await opened(copyTestBrowser(original.browser));
    await watch(first.tab, session, 1);
    await watch(second.tab, session, 2);
    await watch(third.tab, session, 3);
    await meet(book, first);
    await told(book, second);
    await told(book, third);
    expectValue(await third.tab.call('beginEpoch', {}));
    await goOn(book, second);
    await expect(book.enrol(third.tab)).rejects.toMatchObject({ code: 'module/superseded' });
    expect(await told(book, third)).toBe('superseded');
    await book.enrol(third.tab);
    expect(expectValue(await third.tab.call('status', {}))).toMatchObject({ epoch: 3, epochPending: false });
    expect(await alarms(third)).toContain('module/superseded');
    expect(await meet(book, third)).toBe('good');
    expect(await meet(book, second)).toBe('superseded');
  });
});

const STEPS = ['restart', 'restart', 'restart', 'second tab', 'meet', 'lost contact', 'watch'] as const;
type Step = (typeof STEPS)[number];

describe('BT-8: honest modules', () => {
  test('that are killed, restarted, doubled and met at random, hundreds of times, are never taken for a copy', {
    timeout: 120_000,
  }, async () => {
    const book = makeProviderBook(provider);
    const { browser, tab } = await opened(makeTestBrowser());
    await book.enrol(tab);
    const session = await book.open(tab);
    let tabs = [tab];
    let present = tab;
    let frame = 0;
    let restarts = 0;
    const restart = async () => {
      for (const old of tabs) old.kill();
      present = await openTab(browser, provider.agencyKey);
      tabs = [present];
      restarts += 1;
    };
    const act: Readonly<Record<Step, () => Promise<void>>> = {
      restart,
      'second tab': async () => {
        // The first goes on living beside it.
        present = await openTab(browser, provider.agencyKey);
        tabs.push(present);
      },
      meet: async () => expect(await book.judge(await book.contact(present))).toBe('good'),
      // The contact never reaches the provider.
      'lost contact': async () => void (await book.contact(present)),
      watch: async () => {
        if (frame >= 40) return;
        await watch(present, session, frame);
        frame += 1;
      },
    };
    const steps = fc.array(fc.constantFrom(...STEPS), { minLength: 4, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        for (const step of taken) await act[step]();
        await restart();
        await act.meet();
      }),
      { numRuns: runs(120), seed: 20_261_121 },
    );
    expect(restarts).toBeGreaterThanOrEqual(runs(250));
    expect(await alarms({ browser, tab: present })).toEqual([]);
    expect(codeOf(await present.call('beginEpoch', {}))).toBe('standing/needed');
  });
});
