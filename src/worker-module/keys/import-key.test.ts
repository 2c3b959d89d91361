// IMPORTKEY through the command, as a hostile page or network would use it: altered, replayed, reordered, meant for others, from two tabs at
// once, cut anywhere. What is compared is the whole database, before and after.

import { describe, expect, test } from 'vitest';
import { runs } from '../../protocol/testing/runs.ts';
import type { KeyImport } from '../commands.ts';
import { codeOf, copyTestBrowser, expectValue, makeTestBrowser, openTab, type TestTab } from '../testing/browser.ts';
import { checkValueTextOf, DESK_KEYS } from '../testing/key-desk.ts';
import { joinSet, moduleOf, order } from '../testing/key-steps.ts';
import { makeProviderSide } from '../testing/provider-side.ts';

const REFERENCE = DESK_KEYS.own;

/** A module in a set, with a provider of its own. */
async function begin() {
  const provider = await makeProviderSide();
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const module = await joinSet(provider, tab);
  return { provider, browser, tab, module };
}

async function slotsOf(tab: TestTab) {
  const [held] = expectValue(await tab.call('keys', {}));
  return held?.slots ?? [];
}

const flip = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

const flipText = (text: string, bit: number): string =>
  [...text]
    .map((letter, at) => String.fromCharCode(letter.charCodeAt(0) ^ (at === bit >> 3 ? 1 << (bit & 7) : 0)))
    .join('');

/** Every command that differs from this one in one bit of one field, with the codes that may refuse it. */
function* alterations(command: KeyImport): Generator<readonly [KeyImport, RegExp]> {
  const { random, sealedKey, slot, signature, certificate } = command;
  const each = (lengthBytes: number) => Array.from({ length: 8 * lengthBytes }, (_none, bit) => bit);
  for (const bit of each(random.length)) yield [{ ...command, random: flip(random, bit) }, /^keys\/replayed$/];
  for (const [name, bytes] of Object.entries({ sealedKey, signature, certificate })) {
    for (const bit of each(bytes.length)) yield [{ ...command, [name]: flip(bytes, bit) }, /^keys\/certificate$/];
  }
  for (const bit of each(slot.length)) {
    yield [{ ...command, slot: flipText(slot, bit) }, /^keys\/(certificate|malformed)$/];
  }
}

describe('SD-3: a key is imported', () => {
  test('SD-4: with any one bit of any field turned over it is refused, the database is byte for byte as it was, and the true one is still taken', async () => {
    const { provider, browser, tab, module } = await begin();
    const command = await order(provider, tab, REFERENCE);
    const before = structuredClone(browser.rows);
    const slots = structuredClone(browser.slotBytes);
    let altered = 0;
    for (const [wrong, code] of alterations(command)) {
      expect(codeOf(await tab.call('importKey', wrong)), `alteration ${altered}`).toMatch(code);
      expect(browser.rows.meta.header?.revision).toBe(before.meta.header?.revision);
      altered += 1;
    }
    expect(altered).toBe(8 * (16 + 63 + 32 + 32 + command.slot.length));
    expect(browser.rows).toEqual(before);
    expect(browser.slotBytes).toEqual(slots);
    const taken = expectValue(await tab.call('importKey', command));
    const key = provider.keys.keyFor(module, { reference: REFERENCE, version: 1 });
    expect(taken).toMatchObject({ reference: REFERENCE, version: 1, pin: false, checkValue: checkValueTextOf(key) });
    expect(await slotsOf(tab)).toEqual([taken]);
  }, 60_000);

  test('a command is taken once: again, after a restart and in another tab it is keys/replayed, and nothing is written', async () => {
    const { provider, browser, tab } = await begin();
    const command = await order(provider, tab, REFERENCE);
    expectValue(await tab.call('importKey', command));
    const other = await openTab(browser, provider.agencyKey);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('importKey', command))).toBe('keys/replayed');
    expect(codeOf(await other.call('importKey', command))).toBe('keys/replayed');
    tab.kill();
    const restarted = await openTab(browser, provider.agencyKey);
    expect(codeOf(await restarted.call('importKey', command))).toBe('keys/replayed');
    expect(browser.rows).toEqual(before);
  });

  test('answers come in any order, each for the request that it was made for and no other', async () => {
    const { provider, tab } = await begin();
    const [master, watch, own] = await Promise.all([
      order(provider, tab, DESK_KEYS.master),
      order(provider, tab, DESK_KEYS.open),
      order(provider, tab, REFERENCE),
    ]);
    expect(codeOf(await tab.call('importKey', { ...own, random: master.random }))).toBe('keys/certificate');
    expect(codeOf(await tab.call('importKey', { ...master, random: watch.random }))).toBe('keys/certificate');
    for (const command of [own, watch, master]) expectValue(await tab.call('importKey', command));
    expect((await slotsOf(tab)).map(({ reference }) => reference)).toEqual(['coupons', 'master', 'watch']);
  });

  test('one that was made for another unit, by another set, or for another slot is refused and changes nothing', async () => {
    const { provider, browser, tab, module } = await begin();
    const neighbour = await openTab(makeTestBrowser(), provider.agencyKey);
    const theirs = await joinSet(provider, neighbour);
    const elsewhere = await begin();
    const command = await order(provider, tab, REFERENCE);
    const before = structuredClone(browser.rows);
    const { random } = command;
    const wrong = [
      provider.keys.exportKey(theirs, { reference: REFERENCE, random }),
      elsewhere.provider.keys.exportKey(module, { reference: REFERENCE, random }),
    ];
    for (const exported of wrong) {
      expect(codeOf(await tab.call('importKey', { ...command, ...exported }))).toBe('keys/certificate');
    }
    const otherSlot = provider.keys.exportKey(module, { reference: DESK_KEYS.open, random });
    expect(codeOf(await tab.call('importKey', { ...command, ...otherSlot }))).toBe('keys/unknown-slot');
    expect(codeOf(await neighbour.call('importKey', command))).toBe('keys/replayed');
    expect(codeOf(await tab.call('importKey', { ...command, provider: elsewhere.provider.providerSigner.kid }))).toBe(
      'keys/unknown-unit',
    );
    expect(browser.rows).toEqual(before);
    expectValue(await tab.call('importKey', command));
  });

  test('SD-5: a newer version takes the slot, an older one is keys/old-reference and leaves it', async () => {
    const { provider, browser, tab, module } = await begin();
    const old = await order(provider, tab, REFERENCE);
    provider.keys.renew(REFERENCE);
    const first = expectValue(await tab.call('importKey', await order(provider, tab, REFERENCE)));
    expect(first.version).toBe(2);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('importKey', old))).toBe('keys/old-reference');
    expect(browser.rows).toEqual(before);
    provider.keys.renew(REFERENCE);
    const second = expectValue(await tab.call('importKey', await order(provider, tab, REFERENCE)));
    const key = provider.keys.keyFor(module, { reference: REFERENCE, version: 3 });
    expect(second).toMatchObject({ version: 3, checkValue: checkValueTextOf(key) });
    const [held] = expectValue(await tab.call('keys', {}));
    expect(held?.history.map(({ what, version }) => [what, version])).toEqual([
      ['joined', null],
      ['imported', 2],
      ['replaced', 3],
    ]);
  });

  test('a request is durable before it is answered: whoever has R finds it after a cut, and one that was cut has none', async () => {
    const { provider, browser: rested, tab: first } = await begin();
    first.kill();
    const references = [REFERENCE, DESK_KEYS.open];
    let lastCall = 1;
    for (let call = 1; call <= lastCall; call += 1) {
      for (const side of ['before', 'after'] as const) {
        const browser = copyTestBrowser(rested);
        const tab = await openTab(browser, provider.agencyKey);
        tab.store.setFault({ call, side });
        const drawn = await tab.call('drawKeyRequests', { provider: provider.providerSigner.kid, references });
        if (tab.store.isDead()) lastCall = call + 1;
        tab.kill();
        if (!drawn.ok) continue;
        const restarted = await openTab(browser, provider.agencyKey);
        for (const request of drawn.value) {
          const exported = provider.keys.exportKey(await moduleOf(restarted), request);
          const { random } = request;
          expectValue(
            await restarted.call('importKey', { provider: provider.providerSigner.kid, random, ...exported }),
          );
        }
      }
    }
    expect(lastCall).toBeGreaterThan(4);
  });

  test('cut at any storage call, the key is there and its request spent, or neither: the command finishes it or is told so', async () => {
    const { provider, browser: rested, tab: first } = await begin();
    const command = await order(provider, first, REFERENCE);
    first.kill();
    const outcomes = new Set<string>();
    let lastCall = 1;
    for (let call = 1; call <= lastCall; call += 1) {
      for (const side of ['before', 'after'] as const) {
        const browser = copyTestBrowser(rested);
        const tab = await openTab(browser, provider.agencyKey);
        tab.store.setFault({ call, side });
        await tab.call('importKey', command);
        if (!tab.store.isDead()) continue;
        lastCall = call + 1;
        tab.kill();
        const restarted = await openTab(browser, provider.agencyKey);
        const found = await slotsOf(restarted);
        const again = codeOf(await restarted.call('importKey', command));
        outcomes.add(`${found.length} ${again}`);
        expect(await slotsOf(restarted), `${call} ${side}`).toHaveLength(1);
      }
    }
    expect([...outcomes].sort()).toEqual(['0 null', '1 keys/replayed']);
  });
});

describe('SD-3: keys imported at the same moment', () => {
  test('in one tab, all are kept', async () => {
    const { provider, tab } = await begin();
    const references = [DESK_KEYS.master, DESK_KEYS.open, REFERENCE];
    const commands = await Promise.all(references.map((reference) => order(provider, tab, reference)));
    const results = await Promise.all(commands.map((command) => tab.call('importKey', command)));
    for (const result of results) expectValue(result);
    expect(await slotsOf(tab)).toHaveLength(3);
  });

  for (const hasLock of [true, false]) {
    const under = hasLock ? '' : ', with no lock between them';
    test(`in two tabs${under}, none is lost, and one command is taken by one of them`, async () => {
      for (let round = 0; round < runs(5); round += 1) {
        const { provider, browser, tab } = await begin();
        const other = await openTab(browser, provider.agencyKey);
        if (!hasLock) browser.locks.breakLocks();
        const mine = await order(provider, tab, DESK_KEYS.master);
        const theirs = await order(provider, other, DESK_KEYS.open);
        const shared = await order(provider, tab, REFERENCE);
        const results = await Promise.all([
          tab.call('importKey', mine),
          other.call('importKey', theirs),
          tab.call('importKey', shared),
          other.call('importKey', shared),
        ]);
        const [first, second, ...both] = results.map(codeOf);
        expect([first, second]).toEqual([null, null]);
        expect(both.sort()).toEqual(['keys/replayed', null].sort());
        for (const seen of [tab, other]) expect(await slotsOf(seen)).toHaveLength(3);
      }
    });
  }
});
