// The way back from an altered row of downloaded keys, through the gate: the person is asked, the row goes and the record says so, and the module
// joins, downloads and agrees as a new one does. Nothing from before it is taken.

import { describe, expect, test } from 'vitest';
import { encodeCbor } from '../../protocol/cbor.ts';
import { ROW_VERSION } from '../store/rows.ts';
import { sealBytes } from '../store/sealing.ts';
import {
  codeOf,
  copyTestBrowser,
  expectValue,
  makeTestBrowser,
  openTab,
  type TestBrowser,
} from '../testing/browser.ts';
import { checkRecord, openKeys } from '../testing/check-record.ts';
import { DESK_KEYS } from '../testing/key-desk.ts';
import { joinAndAgree, order } from '../testing/key-steps.ts';
import { PIN } from '../testing/person.ts';
import { makeProviderSide, randomBytes } from '../testing/provider-side.ts';

const [, WALLET] = DESK_KEYS.pins;
const MOST_CALLS = 60;

/** A module with an agreement and a PIN for the wallet. */
async function begin() {
  const provider = await makeProviderSide();
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const module = await joinAndAgree(provider, tab);
  browser.person.answer = (question) =>
    question.kind === 'new-pin' || question.kind === 'pin' ? { kind: 'pin', pin: PIN } : browser.person.agree(question);
  expectValue(await tab.call('choosePin', await order(provider, tab, WALLET)));
  return { provider, browser, tab, module };
}

/** A bit of the sealed row turns, and whoever did it made the sum anew. */
function alter({ rows }: TestBrowser): void {
  const row = rows.meta.keys;
  if (row === null) throw new Error('there are keys');
  rows.meta.keys = { ...row, sealed: row.sealed.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) };
}

const approvals = ({ person }: TestBrowser) => person.asked.filter(({ kind }) => kind === 'approve');

describe('SD-5: downloaded keys whose row was altered', () => {
  test('are set aside with the person’s yes, in one entry of the record, and everything else stays', async () => {
    const { browser, tab } = await begin();
    alter(browser);
    const { keys: _altered, header: _place, ...others } = structuredClone(browser.rows.meta);
    expect(codeOf(await tab.call('keys', {}))).toBe('keys/altered');
    expectValue(await tab.call('renewKeys', {}));
    expect(approvals(browser)).toMatchObject([{ title: 'Fetch your keys anew?', amount: null, grave: true }]);
    expect(expectValue(await tab.call('keys', {}))).toEqual([]);
    expect(browser.rows.meta).toMatchObject(others);
    tab.kill();
    expect((await checkRecord(browser.rows)).at(-1)).toMatchObject({ kind: 'alarm', code: 'keys/altered' });
  });

  test('stay as they are where the person says no, or could not see it', async () => {
    const { browser, tab } = await begin();
    alter(browser);
    const before = structuredClone(browser.rows);
    for (const kind of ['refused', 'covered'] as const) {
      browser.person.answer = () => ({ kind });
      expect(codeOf(await tab.call('renewKeys', {}))).toBe(`consent/${kind}`);
    }
    expect(browser.rows).toEqual(before);
  });

  test('are so too where they open and say nothing that a module writes', async () => {
    const { browser, tab } = await begin();
    const { wrappingKey } = await openKeys(browser.rows);
    const body = await sealBytes(wrappingKey, ['farebox/keys', ROW_VERSION], encodeCbor([1, 2, 3]), randomBytes);
    browser.rows.meta.keys = { name: 'keys', version: ROW_VERSION, ...body };
    expect(codeOf(await tab.call('keys', {}))).toBe('keys/altered');
    expectValue(await tab.call('renewKeys', {}));
    expect(expectValue(await tab.call('keys', {}))).toEqual([]);
  });

  test('that are sound no page can have set aside: nobody is asked and nothing is changed', async () => {
    const { browser, tab } = await begin();
    const before = structuredClone(browser.rows);
    expectValue(await tab.call('renewKeys', {}));
    expect(browser.rows).toEqual(before);
    expect(approvals(browser)).toEqual([]);
  });

  test('come back as to a new module: joined, downloaded, agreed under the next number, with a PIN chosen anew', async () => {
    const { provider, browser, tab, module } = await begin();
    const late = await order(provider, tab, DESK_KEYS.own);
    const old = await provider.keys.agreement(module);
    alter(browser);
    expectValue(await tab.call('renewKeys', {}));
    expect(codeOf(await tab.call('importKey', late))).toBe('keys/unknown-unit');
    // The provider ends what was agreed when the module asks for its transport key.
    provider.ledger.now += 1_000;
    provider.keys.moveSet(provider.ledger.now);
    await joinAndAgree(provider, tab);
    expect(codeOf(await tab.call('importKey', late))).toBe('keys/replayed');
    const { providerCertificate } = provider;
    expect(codeOf(await tab.call('acceptAgreement', { agreement: old, providerCertificate }))).toBe('keys/retired');
    const [set] = expectValue(await tab.call('keys', {}));
    expect(set).toMatchObject({ agreement: { number: 2 }, slots: [{ pin: false }, { pin: false }] });
    const { provider: id, ticket, token, agreement, index } = provider.keys.token(module);
    const asked = { provider: id, ticket, token, agreement, index };
    expect(codeOf(await tab.call('signInWithPin', asked))).toBe('keys/pin');
    expectValue(await tab.call('choosePin', await order(provider, tab, WALLET)));
    const { pin } = expectValue(await tab.call('signInWithPin', asked));
    expect(provider.keys.applicationOf(module, pin)).toBe(WALLET);
  });

  test('are there or gone wherever setting them aside is cut, and the record says it once', async () => {
    const { provider, browser, tab } = await begin();
    alter(browser);
    tab.kill();
    let cuts = 0;
    for (let call = 1; call <= MOST_CALLS; call += 1) {
      const profile = copyTestBrowser(browser);
      profile.person.answer = profile.person.agree;
      const cutTab = await openTab(profile, provider.agencyKey);
      cutTab.store.setFault({ call, side: call % 2 === 0 ? 'before' : 'after' });
      await cutTab.call('renewKeys', {});
      const isDead = cutTab.store.isDead();
      cutTab.kill();
      const next = await openTab(profile, provider.agencyKey);
      expectValue(await next.call('renewKeys', {}));
      expect(expectValue(await next.call('keys', {}))).toEqual([]);
      next.kill();
      const alarms = (await checkRecord(profile.rows)).filter(({ kind }) => kind === 'alarm');
      expect(alarms).toHaveLength(1);
      if (!isDead) break;
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(3);
    expect(cuts).toBeLessThan(MOST_CALLS);
  });
});
