// Fig. 2 from the module's side: a token answered in place of a challenge, judged by a provider that runs the protocol's own functions. Each
// thing that is wrong with a token is tried by itself, and leaves everything as it was.

import { describe, expect, test } from 'vitest';
import { SELECTION_RULES } from '../../protocol/derived-keys/rules.ts';
import { decodeSignIn, decodeTicket, encodeTicket, type SignInTicket } from '../../protocol/derived-keys/sign-in.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeModuleId, type ModuleId } from '../../protocol/ids.ts';
import type { ContactToken } from '../commands.ts';
import { makeProviderBook } from '../standing/testing/provider-book.ts';
import { codeOf, copyTestBrowser, expectValue, makeTestBrowser, openTab, type TestTab } from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { bytesWithin } from '../testing/find-bytes.ts';
import { DESK_KEYS } from '../testing/key-desk.ts';
import { accept, download, joinAndAgree } from '../testing/key-steps.ts';
import { makeProviderSide, type ProviderSide, randomBytes } from '../testing/provider-side.ts';
import { contact, enrol } from '../testing/steps.ts';

/** More calls than a sign-in makes: a loop that reaches it has not ended by itself. */
const MOST_CALLS = 60;

/** A module that can sign in, at a provider of its own. */
async function begin(rule: (typeof SELECTION_RULES)[number] = 'client') {
  const provider = await makeProviderSide();
  provider.keys.change({ rule });
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const module = await joinAndAgree(provider, tab);
  return { provider, browser, tab, module };
}

/** Signs in, and the provider takes it. */
async function signIn(provider: ProviderSide, tab: TestTab, module: ModuleId) {
  return provider.keys.meet(expectValue(await tab.call('signIn', provider.keys.token(module))));
}

/** The token with another ticket. */
function withTicket(asked: ContactToken, change: Partial<SignInTicket>): ContactToken {
  return { ...asked, ticket: encodeTicket({ ...decodeTicket(asked.ticket), ...change }) };
}

async function codeFrom(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof FareboxError ? error.code : 'none';
}

describe('MC-3: a sign-in', () => {
  test.each(SELECTION_RULES)('under the rule %s is taken by the provider, again and again', async (rule) => {
    const { provider, browser, tab, module } = await begin(rule);
    const indexes: (number | null)[] = [];
    for (let times = 0; times < 4; times += 1) {
      const { tags, epoch } = await signIn(provider, tab, module);
      expect(tags.map(({ reference }) => reference)).toEqual([DESK_KEYS.open]);
      expect(epoch).toBe(1);
      indexes.push(...tags.map(({ index }) => index));
      provider.ledger.now += 86_400_000;
      browser.clock.advance(86_400_000);
    }
    expect(indexes.every((index) => (index === null) === (rule !== 'client'))).toBe(true);
    const [held] = expectValue(await tab.call('keys', {}));
    expect(held?.count).toBe(rule === 'counter' ? 4 : 0);
  });

  test('says where the record stands, in an entry that is durable before it leaves, and goes together with P1', async () => {
    const { provider, browser, tab, module } = await begin();
    await contact(provider, tab);
    const { counter, head, device } = await signIn(provider, tab, module);
    const status = expectValue(await tab.call('status', {}));
    expect({ counter, head }).toEqual({ counter: status.counter, head: status.head });
    expect(device).toHaveLength(16);
    await contact(provider, tab);
    await signIn(provider, tab, module);
    tab.kill();
    const entries = await checkRecord(browser.rows);
    expect(
      entries.slice(-3).map((entry) => (entry.kind === 'disclosed' ? [entry.what, entry.to] : entry.kind)),
    ).toEqual(Array.from({ length: 3 }, () => ['contact', provider.providerSigner.kid]));
    expect(provider.ledger.refusals).toEqual([]);
  });

  test('is known to the checkpoint before it leaves', async () => {
    const { browser, tab, provider, module } = await begin();
    const before = structuredClone(browser.slotBytes);
    await signIn(provider, tab, module);
    expect(browser.slotBytes).not.toEqual(before);
  });

  test('is good once, and for no other module', async () => {
    const { provider, tab, module } = await begin();
    const contactMade = expectValue(await tab.call('signIn', provider.keys.token(module)));
    await provider.keys.meet(contactMade);
    expect(await codeFrom(provider.keys.meet(contactMade))).toBe('challenge/replayed');
    const otherTab = await openTab(makeTestBrowser(), provider.agencyKey);
    const other = await joinAndAgree(provider, otherTab);
    expect(codeOf(await tab.call('signIn', provider.keys.token(other)))).toBe('keys/malformed');
    const { certificate } = expectValue(await otherTab.call('signIn', provider.keys.token(other)));
    const again = expectValue(await tab.call('signIn', provider.keys.token(module)));
    expect(await codeFrom(provider.keys.meet({ ...again, certificate }))).toBe('challenge/malformed');
  });

  test('with any tag or place in it altered is refused by the provider', async () => {
    const { provider, tab, module } = await begin();
    const made = expectValue(await tab.call('signIn', provider.keys.token(module)));
    let refused = 0;
    for (let at = 0; at < made.response.length; at += 1) {
      const response = made.response.map((byte, place) => (place === at ? byte ^ 1 : byte));
      const code = await codeFrom(provider.keys.meet({ ...made, response }));
      expect(code, `byte ${at}`).toMatch(/^(challenge|keys)\//);
      refused += 1;
    }
    expect(refused).toBe(made.response.length);
    await provider.keys.meet(made);
  });

  test('selects no index that is retired, whoever selects', async () => {
    const { provider, tab, module } = await begin();
    for (let index = 0; index < 63; index += 1) provider.keys.retire(DESK_KEYS.open, index);
    for (const rule of SELECTION_RULES) {
      provider.keys.change({ rule });
      await accept(provider, tab);
      const { tags } = await signIn(provider, tab, module);
      expect(tags.map(({ index }) => index)).toEqual([rule === 'client' ? 63 : null]);
    }
    const asked = withTicket(provider.keys.token(module), { index: 5 });
    provider.keys.change({ rule: 'server' });
    await accept(provider, tab);
    const { agreement } = provider.keys.token(module);
    expect(codeOf(await tab.call('signIn', { ...asked, agreement, index: 5 }))).toBe('keys/refused');
  });

  test('of two tabs at once: two contacts of one chain, counted apart', async () => {
    const { provider, browser, tab, module } = await begin('counter');
    const other = await openTab(browser, provider.agencyKey);
    const asked = provider.keys.token(module);
    const made = await Promise.all([tab.call('signIn', asked), other.call('signIn', asked), tab.call('signIn', asked)]);
    const contacts = made.map(expectValue);
    const counters = contacts.map(({ response }) => decodeSignIn(response).counter);
    expect(new Set(counters).size).toBe(3);
    const inOrder = contacts.sort(
      (left, right) => decodeSignIn(left.response).counter - decodeSignIn(right.response).counter,
    );
    for (const each of inOrder) await provider.keys.meet(each);
    const [held] = expectValue(await tab.call('keys', {}));
    expect(held?.count).toBe(3);
    await checkRecord(browser.rows);
  });
});

describe('MC-3: a token that is not as it has to be is refused, and nothing is written', () => {
  const wrong: readonly (readonly [string, string, (asked: ContactToken) => ContactToken])[] = [
    ['of another agreement', 'keys/retired', (asked) => ({ ...asked, agreement: asked.agreement + 1 })],
    ['of a provider that has no set for it', 'keys/unknown-unit', (asked) => ({ ...asked, provider: 'ab'.repeat(16) })],
    ['that is too short', 'keys/malformed', (asked) => ({ ...asked, token: asked.token.subarray(1) })],
    ['that is too long', 'keys/malformed', (asked) => ({ ...asked, token: randomBytes(33) })],
    ['with a ticket that is none', 'keys/malformed', (asked) => ({ ...asked, ticket: Uint8Array.of(0x80) })],
    [
      'with a ticket that goes on',
      'keys/malformed',
      (asked) => ({ ...asked, ticket: new Uint8Array([...asked.ticket, 0]) }),
    ],
    [
      'with the ticket of another module',
      'keys/malformed',
      (asked) => withTicket(asked, { module: decodeModuleId(randomBytes(16)) }),
    ],
    ['with another counter than its ticket', 'keys/malformed', (asked) => ({ ...asked, counter: asked.counter + 1 })],
    ['with an index that its ticket has not', 'keys/malformed', (asked) => ({ ...asked, index: 3 })],
    ['with a ticket that is long over', 'challenge/expired', (asked) => withTicket(asked, { expires: 1_000 })],
  ];
  test.each(wrong)('%s: %s', async (_, code, change) => {
    const { provider, browser, tab, module } = await begin();
    const asked = provider.keys.token(module);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('signIn', change(asked)))).toBe(code);
    expect(browser.rows).toEqual(before);
    await provider.keys.meet(expectValue(await tab.call('signIn', asked)));
  });

  test('under another agreement than the newest that it has, though the slots would do', async () => {
    const { provider, browser, tab, module } = await begin();
    const old = provider.keys.token(module);
    provider.keys.change({ rule: 'date' });
    await accept(provider, tab);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('signIn', old))).toBe('keys/retired');
    expect(browser.rows).toEqual(before);
    await signIn(provider, tab, module);
  });

  test('where a slot has another version than was agreed by now: the next agreement is due', async () => {
    const { provider, browser, tab, module } = await begin();
    const old = provider.keys.token(module);
    provider.keys.renew(DESK_KEYS.open);
    await download(provider, tab, DESK_KEYS.open);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('signIn', old))).toBe('keys/retired');
    expect(browser.rows).toEqual(before);
    await accept(provider, tab);
    await signIn(provider, tab, module);
  });

  test('before enrolment, while an epoch is pending, and in the next epoch until it is agreed anew', async () => {
    const { provider, tab, module } = await begin();
    const asked = provider.keys.token(module);
    const unknown = await openTab(makeTestBrowser(), provider.agencyKey);
    expect(codeOf(await unknown.call('signIn', asked))).toBe('enrolment/needed');
    const word = await makeProviderBook(provider).standing(tab, { verdict: 'fork', since: 1 });
    expectValue(await tab.call('acceptStanding', word));
    expectValue(await tab.call('beginEpoch', {}));
    expect(codeOf(await tab.call('signIn', asked))).toBe('enrolment/needed');
    await enrol(provider, tab);
    expect(codeOf(await tab.call('signIn', asked))).toBe('keys/retired');
    await contact(provider, tab);
    await accept(provider, tab);
    expect((await signIn(provider, tab, module)).epoch).toBe(2);
  });

  test('while the module is locked', async () => {
    const { provider, tab, module } = await begin();
    expectValue(await tab.call('setLock', { factor: 'passphrase' }));
    expectValue(await tab.call('lock', {}));
    expect(codeOf(await tab.call('signIn', provider.keys.token(module)))).toBe('module/locked');
    expectValue(await tab.call('unlock', {}));
    await signIn(provider, tab, module);
  });

  test('where it cannot be written down', async () => {
    const { provider, browser, tab, module } = await begin('counter');
    tab.store.setFull(true);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('signIn', provider.keys.token(module)))).toBe('store/full');
    expect(browser.rows).toEqual(before);
  });
});

test('MC-3: cut at any call of the storage, it was written before it left, and the next one is taken', async () => {
  const { provider, browser, tab, module } = await begin('counter');
  const asked = provider.keys.token(module);
  tab.kill();
  const entries = (await checkRecord(browser.rows)).length;
  let cuts = 0;
  for (const side of ['before', 'after'] as const) {
    for (let call = 1; call <= MOST_CALLS; call += 1) {
      const profile = copyTestBrowser(browser);
      const cutTab = await openTab(profile, provider.agencyKey);
      cutTab.store.setFault({ call, side });
      const made = await cutTab.call('signIn', asked);
      const isDead = cutTab.store.isDead();
      cutTab.kill();
      const written = (await checkRecord(profile.rows)).length - entries;
      if (made.ok) expect(written).toBe(1);
      expect(written).toBeLessThanOrEqual(1);
      const next = await openTab(profile, provider.agencyKey);
      const [held] = expectValue(await next.call('keys', {}));
      expect(held?.count).toBe(written);
      expectValue(await next.call('signIn', asked));
      if (!isDead) break;
      expect(call).toBeLessThan(MOST_CALLS);
      cuts += 1;
    }
  }
  expect(cuts).toBeGreaterThan(10);
  // What was counted and never arrived is within what the provider waits for.
  const last = await openTab(browser, provider.agencyKey);
  for (let lost = 0; lost < 15; lost += 1) expectValue(await last.call('signIn', asked));
  await signIn(provider, last, module);
}, 60_000);

test('MC-1: no key is in what is stored, and none in what leaves', async () => {
  const { provider, browser, tab, module } = await begin();
  await signIn(provider, tab, module);
  const names = [DESK_KEYS.master, DESK_KEYS.open];
  const keys = names.map((reference) => provider.keys.keyFor(module, { reference, version: 1 }).applicationKey);
  const found: string[] = [];
  // The name of the set, 16 bytes, is no secret: it is shown.
  const secrets = [...keys, ...provider.keys.secrets().filter(({ length }) => length === 32)];
  for (const [at, secret] of secrets.entries()) {
    const places = { rows: browser.rows, slots: browser.slotBytes, outward: tab.outward, events: tab.events };
    for (const [name, place] of Object.entries(places)) if (bytesWithin(place, secret)) found.push(`${at} in ${name}`);
  }
  expect(found).toEqual([]);
});
