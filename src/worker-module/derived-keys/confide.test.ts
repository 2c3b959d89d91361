// Fig. 3 from the module's side: a card that the person types, concealed for one provider in one contact. Judged by a provider that runs the
// protocol's own functions; what the host carries and what is stored is searched for its digits.

import { describe, expect, test } from 'vitest';
import { utf8 } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { ModuleId } from '../../protocol/ids.ts';
import type { SurfaceAnswer } from '../frame-messages.ts';
import { MODULE_LIMITS } from '../limits.ts';
import {
  codeOf,
  copyTestBrowser,
  expectValue,
  makeTestBrowser,
  openTab,
  type TestBrowser,
  type TestTab,
} from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { bytesWithin } from '../testing/find-bytes.ts';
import { accept, joinAndAgree } from '../testing/key-steps.ts';
import { CARD } from '../testing/person.ts';
import { makeProviderSide, type ProviderSide, randomBytes } from '../testing/provider-side.ts';

const MOST_CALLS = 60;
const GIVEN = { ...CARD, pin: '90210' } as const;

/** A module with an agreement, before a person who gives this card. */
async function begin(card: Omit<Extract<SurfaceAnswer, { kind: 'card' }>, 'kind'> = GIVEN) {
  const provider = await makeProviderSide();
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const module = await joinAndAgree(provider, tab);
  answers(browser, { kind: 'card', ...card });
  return { provider, browser, tab, module };
}

function answers({ person }: TestBrowser, answer: SurfaceAnswer): void {
  person.answer = (question) => (question.kind === 'card' ? answer : person.agree(question));
}

async function give(provider: ProviderSide, tab: TestTab, module: ModuleId) {
  return expectValue(await tab.call('giveCard', provider.keys.token(module)));
}

async function codeFrom(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof FareboxError ? error.code : 'none';
}

describe('MC-4: a card', () => {
  test.each([GIVEN, CARD])('reaches the provider as it was typed: %j', async (card) => {
    const { provider, tab, module } = await begin(card);
    const { concealed, ...contact } = await give(provider, tab, module);
    expect(await provider.keys.readCard(contact, concealed)).toEqual(card);
  });

  test.each(['server', 'date', 'counter'] as const)('reaches it under the rule %s', async (rule) => {
    const { provider, tab, module } = await begin();
    provider.keys.change({ rule });
    await accept(provider, tab);
    const { concealed, ...contact } = await give(provider, tab, module);
    expect(await provider.keys.readCard(contact, concealed)).toEqual(GIVEN);
  });

  test('is asked for by the provider’s name, and said in the record together with its contact, before it leaves', async () => {
    const { provider, browser, tab, module } = await begin();
    const slots = structuredClone(browser.slotBytes);
    await give(provider, tab, module);
    tab.kill();
    const to = provider.providerSigner.kid;
    expect(browser.person.asked.filter(({ kind }) => kind === 'card')).toEqual([
      { kind: 'card', party: `provider ${to}` },
    ]);
    const entries = await checkRecord(browser.rows);
    expect(entries.slice(-2)).toMatchObject([
      { kind: 'disclosed', what: 'card', to },
      { kind: 'disclosed', what: 'contact', to },
    ]);
    expect(browser.slotBytes).not.toEqual(slots);
  });

  test('is in nothing that the host carries and in nothing that is stored', async () => {
    const { provider, browser, tab, module } = await begin();
    await give(provider, tab, module);
    for (const digits of [GIVEN.number, GIVEN.pin, `${GIVEN.number.slice(0, 4)} ${GIVEN.number.slice(4, 8)}`]) {
      for (const place of [tab.outward, tab.events, browser.rows, browser.slotBytes]) {
        expect(bytesWithin(place, utf8(digits))).toBe(false);
        expect(JSON.stringify(place)).not.toContain(digits);
      }
    }
  });

  test('is concealed anew each time, and goes with its own message alone', async () => {
    const { provider, tab, module } = await begin();
    const first = await give(provider, tab, module);
    const second = await give(provider, tab, module);
    expect(first.concealed).not.toEqual(second.concealed);
    const { response, certificate } = first;
    expect(await codeFrom(provider.keys.readCard({ response, certificate }, second.concealed))).toBe('keys/refused');
    const again = { response: second.response, certificate };
    const altered = second.concealed.map((byte, at) => (at === 20 ? byte ^ 1 : byte));
    expect(await codeFrom(provider.keys.readCard(again, altered))).toBe('keys/refused');
  });
});

describe('MC-4: nothing is written, and nothing leaves', () => {
  const unfit: readonly (readonly [string, string, SurfaceAnswer])[] = [
    ['where the person refuses', 'consent/refused', { kind: 'refused' }],
    ['where the surface could not be seen', 'consent/covered', { kind: 'covered' }],
    ['of a card that is over', 'keys/expired-card', { kind: 'card', ...GIVEN, expiry: '2024-01' }],
    ['of a number with a slip in it', 'keys/malformed', { kind: 'card', ...GIVEN, number: '4000056655665557' }],
    ['of an answer that is no card', 'module/internal', { kind: 'card', ...GIVEN, number: '40000566' }],
  ];
  test.each(unfit)('%s: %s', async (_, code, answer) => {
    const { provider, browser, tab, module } = await begin();
    answers(browser, answer);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('giveCard', provider.keys.token(module)))).toBe(code);
    expect(browser.rows).toEqual(before);
    answers(browser, { kind: 'card', ...GIVEN });
    const { concealed, ...contact } = await give(provider, tab, module);
    expect(await provider.keys.readCard(contact, concealed)).toEqual(GIVEN);
  });

  test('and nobody is asked, where the sign-in would be refused', async () => {
    const { provider, browser, tab, module } = await begin();
    const asked = provider.keys.token(module);
    const before = structuredClone(browser.rows);
    const cases = [
      [{ ...asked, agreement: asked.agreement + 1 }, 'keys/retired'],
      [{ ...asked, token: randomBytes(31) }, 'keys/malformed'],
      [{ ...asked, counter: asked.counter + 1 }, 'keys/malformed'],
      [{ ...asked, provider: 'ab'.repeat(16) }, 'keys/unknown-unit'],
    ] as const;
    for (const [wrong, code] of cases) expect(codeOf(await tab.call('giveCard', wrong))).toBe(code);
    const unknown = await openTab(makeTestBrowser(), provider.agencyKey);
    expect(codeOf(await unknown.call('giveCard', asked))).toBe('enrolment/needed');
    expect(browser.rows).toEqual(before);
    expect(browser.person.asked.filter(({ kind }) => kind === 'card')).toEqual([]);
  });

  test('while the module is locked', async () => {
    const { provider, tab, module } = await begin();
    expectValue(await tab.call('setLock', { factor: 'passphrase' }));
    expectValue(await tab.call('lock', {}));
    expect(codeOf(await tab.call('giveCard', provider.keys.token(module)))).toBe('module/locked');
  });
});

test('MC-4: cut at any call of the storage, what was given is in the record, card and contact together, and it can be given again', async () => {
  const { provider, browser, tab, module } = await begin();
  const asked = provider.keys.token(module);
  tab.kill();
  const entries = (await checkRecord(browser.rows)).length;
  const outcomes = new Set<string>();
  let cuts = 0;
  for (let call = 1; call <= MOST_CALLS; call += 1) {
    const profile = copyTestBrowser(browser);
    answers(profile, { kind: 'card', ...GIVEN });
    const cutTab = await openTab(profile, provider.agencyKey);
    cutTab.store.setFault({ call, side: call % 2 === 0 ? 'before' : 'after' });
    const made = await cutTab.call('giveCard', asked);
    const isDead = cutTab.store.isDead();
    cutTab.kill();
    outcomes.add(`${made.ok} ${(await checkRecord(profile.rows)).length - entries}`);
    const next = await openTab(profile, provider.agencyKey);
    expectValue(await next.call('giveCard', asked));
    if (!isDead) break;
    cuts += 1;
  }
  expect(cuts).toBeGreaterThan(8);
  expect([...outcomes].sort()).toEqual(['false 0', 'false 2', 'true 2']);
}, 60_000);

describe('MC-4: a person who types for longer than a token is good', () => {
  async function typedSlowly() {
    const at = await begin();
    const { provider, browser, tab, module } = at;
    const token = provider.keys.token(module);
    const entries = (await checkRecord(browser.rows)).length;
    browser.person.answer = () => {
      provider.ledger.now += MODULE_LIMITS.tokenFreshMs + 1;
      browser.clock.advance(MODULE_LIMITS.tokenFreshMs + 1);
      return { kind: 'card', ...GIVEN };
    };
    expect(codeOf(await tab.call('giveCard', token))).toBe('challenge/expired');
    expect(await checkRecord(browser.rows)).toHaveLength(entries);
    browser.person.answer = () => ({ kind: 'refused' });
    return at;
  }

  test('does not type it again: the next token takes it, once', async () => {
    const { provider, browser, tab, module } = await typedSlowly();
    const { concealed, ...contact } = await give(provider, tab, module);
    expect(await provider.keys.readCard(contact, concealed)).toEqual(GIVEN);
    expect(codeOf(await tab.call('giveCard', provider.keys.token(module)))).toBe('consent/refused');
    expect(browser.person.asked.filter(({ kind }) => kind === 'card')).toHaveLength(2);
  });

  test('types it again after a minute', async () => {
    const { provider, browser, tab, module } = await typedSlowly();
    browser.clock.advance(MODULE_LIMITS.typedKeptMs);
    expect(codeOf(await tab.call('giveCard', provider.keys.token(module)))).toBe('consent/refused');
  });
});
