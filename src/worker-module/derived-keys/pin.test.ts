// PINs from the module's side, fig. 4: chosen with the key that they mask, typed to open an application, and judged by a provider that runs the
// protocol's own functions. What is counted, what is refused, and that nothing of a PIN is kept.

import { describe, expect, test, vi } from 'vitest';
import { utf8 } from '../../protocol/bytes.ts';
import { maskSeriesKey } from '../../protocol/derived-keys/pin.ts';
import { SELECTION_RULES } from '../../protocol/derived-keys/rules.ts';
import { decodePinSignIn } from '../../protocol/derived-keys/sign-in.ts';
import type { ModuleId } from '../../protocol/ids.ts';
import { readKeyring } from '../keys/keyring.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { makeMemoryStore } from '../store/testing/memory-store.ts';
import {
  codeOf,
  copyTestBrowser,
  expectValue,
  makeTestBrowser,
  openTab,
  type TestBrowser,
  type TestTab,
} from '../testing/browser.ts';
import { checkRecord, openKeys } from '../testing/check-record.ts';
import { bytesWithin } from '../testing/find-bytes.ts';
import { DESK_KEYS } from '../testing/key-desk.ts';
import { accept, download, joinAndAgree, order } from '../testing/key-steps.ts';
import { PIN } from '../testing/person.ts';
import { makeProviderSide, type ProviderSide, randomBytes } from '../testing/provider-side.ts';

// Hundreds of PINs: the slow function costs next to nothing here, everything else is as it is. overwritten.test.ts pays the whole price.
vi.mock(import('@noble/hashes/scrypt.js'), async (original) => {
  const real = await original();
  return { ...real, scryptAsync: (pin, salt, cost) => real.scryptAsync(pin, salt, { ...cost, N: 2 }) };
});

const [MESSAGES, WALLET] = DESK_KEYS.pins;
const DAY_MS = 86_400_000;
const MOST_CALLS = 60;

/** The person types this PIN from here on. */
function types(browser: TestBrowser, pin: string): void {
  browser.person.answer = (question) =>
    question.kind === 'pin' || question.kind === 'new-pin' ? { kind: 'pin', pin } : browser.person.agree(question);
}

async function choose(provider: ProviderSide, tab: TestTab, reference: string) {
  return expectValue(await tab.call('choosePin', await order(provider, tab, reference)));
}

/** A module with the agreement, a PIN for the wallet and another for messages. */
async function begin(rule: (typeof SELECTION_RULES)[number] = 'client') {
  const provider = await makeProviderSide();
  provider.keys.change({ rule });
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const module = await joinAndAgree(provider, tab);
  types(browser, '2718');
  await choose(provider, tab, MESSAGES);
  types(browser, PIN);
  await choose(provider, tab, WALLET);
  return { provider, browser, tab, module };
}

/** What the module sends with whatever PIN the person types. */
async function typePin(provider: ProviderSide, tab: TestTab, module: ModuleId): Promise<Uint8Array> {
  return expectValue(await tab.call('signInWithPin', tokenFor(provider, module))).pin;
}

function tokenFor(provider: ProviderSide, module: ModuleId) {
  const { provider: id, ticket, token, agreement, index } = provider.keys.token(module);
  return { provider: id, ticket, token, agreement, index };
}

/** Moves the clocks of both sides. */
function pass(provider: ProviderSide, browser: TestBrowser, ms: number): void {
  provider.ledger.now += ms;
  browser.clock.advance(ms);
}

/** The tries that are stored. */
async function triesIn({ rows }: TestBrowser): Promise<readonly number[]> {
  const core = { store: makeMemoryStore(rows), keys: await openKeys(rows), random: randomBytes };
  return (await readKeyring(core)).triedTimes;
}

const asked = ({ person }: TestBrowser, kind: string) => person.asked.filter((question) => question.kind === kind);

describe('MC-5: a PIN is chosen', () => {
  test('on the module’s own surface, for one application at one provider; the key is then kept masked and shows no check value', async () => {
    const { provider, browser, tab } = await begin();
    const party = `provider ${provider.providerSigner.kid}`;
    expect(asked(browser, 'new-pin')).toEqual([
      { kind: 'new-pin', application: MESSAGES, party },
      { kind: 'new-pin', application: WALLET, party },
    ]);
    const [held] = expectValue(await tab.call('keys', {}));
    const shown = held?.slots.filter(({ pin }) => pin).map(({ reference, checkValue }) => [reference, checkValue]);
    expect(shown).toEqual([
      [MESSAGES, null],
      [WALLET, null],
    ]);
    expect(held?.history.filter(({ what }) => what === 'pin')).toHaveLength(2);
  });

  test('anew without the old one: the new one opens the application, and the old one nothing', async () => {
    const { provider, browser, tab, module } = await begin();
    types(browser, '161803');
    await choose(provider, tab, WALLET);
    expect(provider.keys.applicationOf(module, await typePin(provider, tab, module))).toBe(WALLET);
    types(browser, PIN);
    const old = await typePin(provider, tab, module);
    expect(() => provider.keys.applicationOf(module, old)).toThrow('keys/refused');
  });

  test.each(['refused', 'covered'] as const)(
    'or not: where the surface is %s everything is as it was, and the request still stands',
    async (kind) => {
      const { provider, browser, tab } = await begin();
      const command = await order(provider, tab, WALLET);
      const before = structuredClone(browser.rows);
      browser.person.answer = () => ({ kind });
      expect(codeOf(await tab.call('choosePin', command))).toBe(`consent/${kind}`);
      expect(browser.rows).toEqual(before);
      types(browser, PIN);
      expectValue(await tab.call('choosePin', command));
    },
  );

  test('and nobody is asked for a key that would not be taken', async () => {
    const { provider, browser, tab } = await begin();
    const command = await order(provider, tab, WALLET);
    const questions = browser.person.asked.length;
    const before = structuredClone(browser.rows);
    const flipped = command.certificate.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
    const cases = [
      [{ ...command, certificate: flipped }, 'keys/certificate'],
      [{ ...command, random: randomBytes(16) }, 'keys/replayed'],
      [{ ...command, provider: 'ab'.repeat(16) }, 'keys/unknown-unit'],
      [await order(provider, tab, DESK_KEYS.own), 'keys/malformed'],
      [await order(provider, tab, DESK_KEYS.open), 'keys/unknown-slot'],
    ] as const;
    for (const [wrong, code] of cases) expect(codeOf(await tab.call('choosePin', wrong))).toBe(code);
    expect(browser.person.asked).toHaveLength(questions);
    expect(browser.rows.meta.keys).not.toEqual(before.meta.keys);
    expectValue(await tab.call('choosePin', command));
  });

  test('cut at any call of the storage, the key is there with its mask, or the request still stands', async () => {
    const { provider, browser, tab, module } = await begin();
    const command = await order(provider, tab, WALLET);
    types(browser, '161803');
    tab.kill();
    let cuts = 0;
    let [isDone, isUndone] = [false, false];
    for (let call = 1; call <= MOST_CALLS; call += 1) {
      const profile = copyTestBrowser(browser);
      const cutTab = await openTab(profile, provider.agencyKey);
      cutTab.store.setFault({ call, side: call % 2 === 0 ? 'before' : 'after' });
      await cutTab.call('choosePin', command);
      const isDead = cutTab.store.isDead();
      cutTab.kill();
      const next = await openTab(profile, provider.agencyKey);
      const again = codeOf(await next.call('choosePin', command));
      expect(again === null || again === 'keys/replayed').toBe(true);
      isDone ||= again !== null;
      isUndone ||= again === null;
      expect(provider.keys.applicationOf(module, await typePin(provider, next, module))).toBe(WALLET);
      if (!isDead) break;
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(5);
    expect([isDone, isUndone]).toEqual([true, true]);
  }, 60_000);
});

describe('MC-5: a PIN that is typed', () => {
  test.each(SELECTION_RULES)(
    'under the rule %s opens the application that it was chosen for, and a wrong one none',
    async (rule) => {
      const { provider, browser, tab, module } = await begin(rule);
      for (const [pin, application] of [
        [PIN, WALLET],
        ['2718', MESSAGES],
      ] as const) {
        types(browser, pin);
        expect(provider.keys.applicationOf(module, await typePin(provider, tab, module))).toBe(application);
      }
      types(browser, '0000');
      const wrong = await typePin(provider, tab, module);
      expect(decodePinSignIn(wrong).tags.map(({ reference }) => reference)).toEqual([MESSAGES, WALLET]);
      expect(() => provider.keys.applicationOf(module, wrong)).toThrow('keys/refused');
      // What was counted for it, right or wrong, is within what the provider waits for.
      await provider.keys.meet(expectValue(await tab.call('signIn', provider.keys.token(module))));
      const [held] = expectValue(await tab.call('keys', {}));
      expect(held?.count).toBe(rule === 'counter' ? 4 : 0);
    },
  );

  test('is asked for by the provider’s name, and said in the record', async () => {
    const { provider, browser, tab, module } = await begin();
    await typePin(provider, tab, module);
    const { kid } = provider.providerSigner;
    expect(asked(browser, 'pin')).toEqual([{ kind: 'pin', party: `provider ${kid}` }]);
    expect((await checkRecord(browser.rows)).at(-1)).toMatchObject({ kind: 'disclosed', what: 'pin', to: kid });
  });

  test('answers one token of one agreement and no other', async () => {
    const { provider, tab, module } = await begin();
    const made = decodePinSignIn(await typePin(provider, tab, module));
    const other = decodePinSignIn(await typePin(provider, tab, module));
    expect(made.tags).not.toEqual(other.tags);
    const token = tokenFor(provider, module);
    expect(codeOf(await tab.call('signInWithPin', { ...token, agreement: token.agreement + 1 }))).toBe('keys/retired');
    expect(codeOf(await tab.call('signInWithPin', { ...token, token: randomBytes(31) }))).toBe('keys/malformed');
    expect(codeOf(await tab.call('signInWithPin', { ...token, index: 1 }))).toBe('keys/malformed');
    expect(codeOf(await tab.call('signInWithPin', { ...token, provider: 'ab'.repeat(16) }))).toBe('keys/unknown-unit');
  });

  test('stops at the provider with a key that is renewed, until it is chosen anew', async () => {
    const { provider, browser, tab, module } = await begin();
    provider.keys.renew(WALLET);
    await accept(provider, tab);
    const stale = await typePin(provider, tab, module);
    expect(decodePinSignIn(stale).tags.map(({ reference }) => reference)).toEqual([MESSAGES]);
    expect(() => provider.keys.applicationOf(module, stale)).toThrow('keys/refused');
    await choose(provider, tab, WALLET);
    types(browser, PIN);
    expect(provider.keys.applicationOf(module, await typePin(provider, tab, module))).toBe(WALLET);
  });

  test('is not asked for where none was chosen, and a key that one chooses is not taken without it', async () => {
    const provider = await makeProviderSide();
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const module = await joinAndAgree(provider, tab);
    expect(codeOf(await tab.call('signInWithPin', tokenFor(provider, module)))).toBe('keys/pin');
    await expect(download(provider, tab, WALLET)).rejects.toThrow('keys/pin');
    expect(asked(browser, 'pin')).toEqual([]);
  });

  test.each(['refused', 'covered'] as const)(
    'is not counted where the surface is %s: everything is as it was',
    async (kind) => {
      const { provider, browser, tab, module } = await begin();
      const before = structuredClone(browser.rows);
      browser.person.answer = () => ({ kind });
      expect(codeOf(await tab.call('signInWithPin', tokenFor(provider, module)))).toBe(`consent/${kind}`);
      expect(browser.rows).toEqual(before);
    },
  );

  test('is refused while the module is locked, chosen or typed', async () => {
    const { provider, tab, module } = await begin();
    const command = await order(provider, tab, WALLET);
    expectValue(await tab.call('setLock', { factor: 'passphrase' }));
    expectValue(await tab.call('lock', {}));
    expect(codeOf(await tab.call('signInWithPin', tokenFor(provider, module)))).toBe('module/locked');
    expect(codeOf(await tab.call('choosePin', command))).toBe('module/locked');
  });

  test('leaves nothing of itself: not in what is stored, not in what leaves, nor the key that it masks', async () => {
    const { provider, browser, tab, module } = await begin();
    await typePin(provider, tab, module);
    const keys = DESK_KEYS.pins.map(
      (reference) => provider.keys.keyFor(module, { reference, version: 1 }).applicationKey,
    );
    const core = { store: makeMemoryStore(browser.rows), keys: await openKeys(browser.rows), random: randomBytes };
    const keyring = await readKeyring(core);
    const kept = keyring.holders.flatMap(({ slots }) => slots.filter(({ masked }) => masked));
    // Even with the seal taken off: kept is the key under its mask, and neither of the two.
    const masks = kept.map(({ applicationKey }, at) => maskSeriesKey(applicationKey, keys[at] ?? randomBytes(32)));
    for (const place of [browser.rows, browser.slotBytes, tab.outward, tab.events, keyring]) {
      for (const secret of [...keys, ...masks, utf8(PIN)]) expect(bytesWithin(place, secret)).toBe(false);
      expect(
        JSON.stringify(place, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
      ).not.toContain(`"${PIN}"`);
    }
  });
});

describe('MC-5: tries', () => {
  /** A module that has had all its tries but one, at the times that the clock stood at. */
  async function nearlyDone() {
    const at = await begin();
    types(at.browser, '0000');
    for (let tries = 1; tries < MODULE_LIMITS.pinTries; tries += 1) await typePin(at.provider, at.tab, at.module);
    return at;
  }

  test('thirty a day, right or wrong; the next is refused without asking, until the oldest is a day old', async () => {
    const { provider, browser, tab, module } = await nearlyDone();
    types(browser, PIN);
    expect(provider.keys.applicationOf(module, await typePin(provider, tab, module))).toBe(WALLET);
    const questions = browser.person.asked.length;
    const before = structuredClone(browser.rows);
    const oldest = (await triesIn(browser))[0] ?? 0;
    const refused = await tab.call('signInWithPin', tokenFor(provider, module));
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'keys/too-many', detail: { untilTime: oldest + DAY_MS } },
    });
    expect(browser.rows).toEqual(before);
    pass(provider, browser, DAY_MS - 1);
    expect(codeOf(await tab.call('signInWithPin', tokenFor(provider, module)))).toBe('keys/too-many');
    expect(browser.person.asked).toHaveLength(questions);
    const other = await openTab(browser, provider.agencyKey);
    pass(provider, browser, 1);
    expect(provider.keys.applicationOf(module, await typePin(provider, other, module))).toBe(WALLET);
  }, 60_000);

  test('a clock that is set back gives none of them back, and one that was years ahead locks nobody out for years', async () => {
    const { provider, browser, tab, module } = await nearlyDone();
    pass(provider, browser, 1_000);
    await typePin(provider, tab, module);
    pass(provider, browser, -3 * DAY_MS);
    expect(codeOf(await tab.call('signInWithPin', tokenFor(provider, module)))).toBe('keys/too-many');
    expect(await triesIn(browser)).toEqual(Array.from({ length: 30 }, () => browser.clock.now()));
    // Set back once more: they count from there.
    pass(provider, browser, -3_000 * DAY_MS);
    expect(codeOf(await tab.call('signInWithPin', tokenFor(provider, module)))).toBe('keys/too-many');
    pass(provider, browser, DAY_MS);
    await typePin(provider, tab, module);
  }, 60_000);

  test('one is counted before anything leaves: cut at any call of the storage, no answer came that was not counted', async () => {
    const { provider, browser, tab, module } = await begin();
    const token = tokenFor(provider, module);
    tab.kill();
    let cuts = 0;
    const outcomes = new Set<string>();
    for (let call = 1; call <= MOST_CALLS; call += 1) {
      const profile = copyTestBrowser(browser);
      const cutTab = await openTab(profile, provider.agencyKey);
      cutTab.store.setFault({ call, side: call % 2 === 0 ? 'before' : 'after' });
      const made = await cutTab.call('signInWithPin', token);
      const isDead = cutTab.store.isDead();
      cutTab.kill();
      const counted = (await triesIn(profile)).length;
      outcomes.add(`${made.ok} ${counted}`);
      const entries = await checkRecord(profile.rows);
      const said = entries.filter((entry) => entry.kind === 'disclosed' && entry.what === 'pin').length;
      expect(said).toBe(counted);
      if (!isDead) break;
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(8);
    expect([...outcomes].sort()).toEqual(['false 0', 'false 1', 'true 1']);
  }, 60_000);

  test('of two tabs at once both are counted', async () => {
    const { provider, browser, tab, module } = await begin();
    const other = await openTab(browser, provider.agencyKey);
    await Promise.all([typePin(provider, tab, module), typePin(provider, other, module)]);
    expect(await triesIn(browser)).toHaveLength(2);
  });
});

describe('MC-5: a person who types for longer than a token is good', () => {
  async function typedSlowly() {
    const at = await begin();
    const { provider, browser, tab, module } = at;
    const token = tokenFor(provider, module);
    browser.person.answer = (question) => {
      pass(provider, browser, MODULE_LIMITS.tokenFreshMs + 1);
      return browser.person.agree(question);
    };
    expect(codeOf(await tab.call('signInWithPin', token))).toBe('challenge/expired');
    expect(await triesIn(browser)).toEqual([]);
    types(browser, '0000');
    return at;
  }

  test('is not asked again for the next token, once', async () => {
    const { provider, browser, tab, module } = await typedSlowly();
    const questions = browser.person.asked.length;
    expect(provider.keys.applicationOf(module, await typePin(provider, tab, module))).toBe(WALLET);
    expect(browser.person.asked).toHaveLength(questions);
    expect(await triesIn(browser)).toHaveLength(1);
    const asked = await typePin(provider, tab, module);
    expect(() => provider.keys.applicationOf(module, asked)).toThrow('keys/refused');
    expect(browser.person.asked).toHaveLength(questions + 1);
  });

  test('is asked again after a minute, and after a lock', async () => {
    for (const part of ['minute', 'lock'] as const) {
      const { provider, browser, tab, module } = await typedSlowly();
      const questions = asked(browser, 'pin').length;
      if (part === 'minute') pass(provider, browser, MODULE_LIMITS.typedKeptMs);
      else {
        expectValue(await tab.call('setLock', { factor: 'passphrase' }));
        expectValue(await tab.call('lock', {}));
        expectValue(await tab.call('unlock', {}));
      }
      await typePin(provider, tab, module);
      expect(asked(browser, 'pin')).toHaveLength(questions + 1);
    }
  });
});
