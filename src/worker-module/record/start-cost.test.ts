// Start reads what it needs and no more: with a record of a hundred thousand entries and years of sessions it asks the store as often as with
// a record of an hour.

import { expect, test } from 'vitest';
import { makeSessionId } from '../../protocol/ids.ts';
import { openSessionRow, sealSession, sealTerms } from '../session/session-codec.ts';
import { makeMemoryStore } from '../store/testing/memory-store.ts';
import { expectValue, makeTestBrowser, openTab, type TestBrowser } from '../testing/browser.ts';
import { openKeys } from '../testing/check-record.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { randomBytes } from '../testing/random.ts';
import { beginSession } from '../testing/steps.ts';
import { makeCommitter } from './committer.ts';

const provider = await makeProviderSide();

/** A module with one finished session, and `commits` commits of `entries` entries each. */
async function browserWith(commits: number, entries: number): Promise<TestBrowser> {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { session } = await beginSession(provider, tab);
  expectValue(await tab.call('closeSession', { session }));
  tab.kill();
  const committer = makeCommitter({
    ...{ store: makeMemoryStore(browser.rows), locks: browser.locks, clock: browser.clock, random: randomBytes },
    keys: await openKeys(browser.rows),
    refusal: () => null,
    onDurable: () => undefined,
    onStoreError: () => undefined,
  });
  for (let commit = 0; commit < commits; commit += 1) {
    await committer.commit({
      sessions: [],
      apply: (draft) => {
        for (let entry = 0; entry < entries; entry += 1) {
          draft.append({ kind: 'failed', session, frame: entry, code: 'frame/withheld' });
        }
      },
    });
  }
  await addFinishedSessions(browser, commits);
  // What a tab writes when it is put away: the checkpoint stands where the record does.
  const last = await openTab(browser, provider.agencyKey);
  browser.clock.advance(250);
  await expect.poll(() => browser.slotBytes.filter((bytes) => bytes !== null).length).toBeGreaterThan(0);
  expect(expectValue(await last.call('status', {})).storage).toBe('ready');
  last.kill();
  return browser;
}

/** The sessions of years, all done: the one that is there, under other ids, day after day before it. */
async function addFinishedSessions({ rows }: TestBrowser, count: number): Promise<void> {
  const keys = await openKeys(rows);
  const [row] = rows.sessions.values();
  const [operation] = rows.operations.values();
  if (row === undefined || operation === undefined) throw new Error('there is a session');
  const loaded = await openSessionRow(row, keys);
  for (let day = 1; day <= count; day += 1) {
    const session = makeSessionId(randomBytes);
    const sealedTerms = await sealTerms(session, loaded.terms, keys.recordKey, randomBytes);
    const openedTime = loaded.openedTime - day * 24 * 3_600_000;
    rows.sessions.set(session, await sealSession({ ...loaded, session, sealedTerms, openedTime }, keys, randomBytes));
    rows.operations.set(`session/${session}`, { ...operation, name: `session/${session}`, session, status: 'done' });
  }
}

/** Store calls of one start. */
async function callsOfStart(browser: TestBrowser): Promise<number> {
  const tab = await openTab(browser, provider.agencyKey, { call: Number.MAX_SAFE_INTEGER, side: 'before' });
  expect(expectValue(await tab.call('status', {})).storage).toBe('ready');
  return tab.store.calls();
}

test('BT-7: start asks the store as often with 100 000 entries and 1 000 sessions as with a handful', async () => {
  const small = await callsOfStart(await browserWith(3, 3));
  const large = await callsOfStart(await browserWith(1_000, 100));
  expect(large).toBe(small);
});
