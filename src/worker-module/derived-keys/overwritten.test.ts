// What is derived is overwritten behind its use, and a wrong PIN costs what the right one costs: every call of the protocol's functions is
// watched, with the arrays that they gave. Nothing is replaced; only where times are compared the slow function of a PIN is made quick, so that it
// does not hide the rest.

import { beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeCard } from '../../protocol/derived-keys/card.ts';
import { answerToken, deriveDerivedKey } from '../../protocol/derived-keys/dea.ts';
import { derivePinMask, derivePinMasks, maskSeriesKey } from '../../protocol/derived-keys/pin.ts';
import { deriveSeriesNumber } from '../../protocol/derived-keys/series.ts';
import { expectValue, makeTestBrowser, openTab } from '../testing/browser.ts';
import { DESK_KEYS } from '../testing/key-desk.ts';
import { joinAndAgree, order } from '../testing/key-steps.ts';
import { PIN } from '../testing/person.ts';
import { makeProviderSide } from '../testing/provider-side.ts';

const slow = vi.hoisted(() => ({ isQuick: false }));
vi.mock(import('@noble/hashes/scrypt.js'), async (original) => {
  const real = await original();
  return {
    ...real,
    scryptAsync: (pin, salt, cost) => real.scryptAsync(pin, salt, { ...cost, ...(slow.isQuick ? { N: 2 } : {}) }),
  };
});
vi.mock('../../protocol/derived-keys/card.ts', { spy: true });
vi.mock('../../protocol/derived-keys/dea.ts', { spy: true });
vi.mock('../../protocol/derived-keys/pin.ts', { spy: true });
vi.mock('../../protocol/derived-keys/series.ts', { spy: true });

const WATCHED = { answerToken, deriveDerivedKey, derivePinMask, derivePinMasks, maskSeriesKey, deriveSeriesNumber };

beforeEach(() => {
  slow.isQuick = false;
  for (const watched of [...Object.values(WATCHED), encodeCard]) vi.mocked(watched).mockClear();
});

/** How often each was called. */
const counts = () =>
  Object.entries(WATCHED).map(([name, watched]) => `${name} ${vi.mocked(watched).mock.calls.length}`);

/** What a function gave, each time, as it is by now. */
async function given(watched: (...args: never[]) => unknown): Promise<readonly Uint8Array[]> {
  const results = await Promise.all(vi.mocked(watched).mock.results.map(({ value }): unknown => value));
  return results.flat().filter((value) => value instanceof Uint8Array);
}

const isOver = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

async function begin(rule: 'client' | 'date' = 'client') {
  const provider = await makeProviderSide();
  provider.keys.change({ rule });
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const module = await joinAndAgree(provider, tab);
  for (const reference of DESK_KEYS.pins)
    expectValue(await tab.call('choosePin', await order(provider, tab, reference)));
  return { provider, browser, tab, module };
}

/** One try, watched by itself. */
async function tryPin({ provider, browser, tab, module }: Awaited<ReturnType<typeof begin>>, pin: string) {
  const { counter: _counter, ...token } = provider.keys.token(module);
  browser.person.answer = () => ({ kind: 'pin', pin });
  for (const watched of Object.values(WATCHED)) vi.mocked(watched).mockClear();
  const before = tab.store.calls();
  const began = performance.now();
  const made = expectValue(await tab.call('signInWithPin', token));
  const tookMs = performance.now() - began;
  return { tookMs, work: [...counts(), `storage ${tab.store.calls() - before}`, `bytes ${made.pin.length}`], ...made };
}

describe('MC-5: a wrong PIN', () => {
  test('is the same work as the right one, and takes as long', async () => {
    slow.isQuick = true;
    // By the day, so that no index is sent: all answers are of one size.
    const at = await begin('date');
    const { provider, module } = at;
    const [right, wrong]: [number[], number[]] = [[], []];
    const works = new Set<string>();
    for (let pair = 0; pair < 15; pair += 1) {
      // In turns, and each first as often as the other: what else this machine does meets both alike.
      for (const isRight of pair % 2 === 0 ? [true, false] : [false, true]) {
        const { tookMs, work, pin } = await tryPin(at, isRight ? PIN : String(100_000 + pair));
        works.add(work.join(', '));
        if (isRight) expect(provider.keys.applicationOf(module, pin)).toBe(DESK_KEYS.pins[0]);
        else expect(() => provider.keys.applicationOf(module, pin)).toThrow('keys/refused');
        (isRight ? right : wrong).push(tookMs);
      }
    }
    expect([...works]).toEqual([expect.stringContaining('derivePinMasks 1, maskSeriesKey 2, deriveSeriesNumber 2')]);
    const ratio = medianOf(right) / medianOf(wrong);
    expect(ratio).toBeGreaterThan(1 / 3);
    expect(ratio).toBeLessThan(3);
  }, 120_000);
});

function medianOf(times: readonly number[]): number {
  return [...times].sort((left, right) => left - right)[times.length >> 1] ?? 0;
}

describe('MC-1, MC-2: a derived key is in memory for one use', () => {
  test('and overwritten behind it, with the series number, the mask and the unmasked key that it came from', async () => {
    const at = await begin();
    for (const bytes of await given(derivePinMask)) expect(isOver(bytes)).toBe(true);
    await tryPin(at, PIN);
    for (const watched of [deriveDerivedKey, deriveSeriesNumber, derivePinMasks, maskSeriesKey]) {
      const made = await given(watched);
      expect(made).toHaveLength(2);
      expect(made.every(isOver)).toBe(true);
    }
    expect((await given(answerToken)).some(isOver)).toBe(false);
  });

  test('for a sign-in and for a card as well; the card’s own bytes are overwritten, too', async () => {
    const { provider, browser, tab, module } = await begin();
    browser.person.answer = browser.person.agree;
    for (const command of ['signIn', 'giveCard'] as const) {
      for (const watched of Object.values(WATCHED)) vi.mocked(watched).mockClear();
      expectValue(await tab.call(command, provider.keys.token(module)));
      const keys = await given(deriveDerivedKey);
      expect(keys).toHaveLength(command === 'signIn' ? 1 : 2);
      expect([...keys, ...(await given(deriveSeriesNumber))].every(isOver)).toBe(true);
    }
    const [card] = await given(encodeCard);
    expect(card).toBeDefined();
    expect(card?.every((byte) => byte === 0)).toBe(true);
  });
});
