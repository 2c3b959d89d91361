// Roll-over (docs/protocol.md §24), MC-6: each kind of retirement, for one module and for a whole set. Whatever is retired stops in that moment, and
// the module gets the next number by asking, whether it has heard of anything or not.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../src/protocol/bytes.ts';
import { deriveDerivedKey } from '../../src/protocol/derived-keys/dea.ts';
import { deriveSeriesNumber } from '../../src/protocol/derived-keys/series.ts';
import {
  acceptanceOf,
  agreeAsModule,
  askAgreement,
  makeTestSet,
  receiveKeys,
  sendAcceptance,
  TEST_POLICY,
  TEST_SERIES,
} from '../testing/agreed.ts';
import { enrolTestModule, makeContact, type TestModule } from '../testing/module.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { type ClientBlock, findBlock, openBlockKeys } from './agreements.ts';
import { directKeys } from './direct-registry.ts';
import type { KeyRegistry } from './registry.ts';
import { openKeyWrap } from './wrap.ts';

type World = { readonly keys: KeyRegistry; readonly name: string; readonly unit: string | null };
type Kind = {
  /** What is retired, and the step that makes the next agreement possible. */
  readonly what: string;
  readonly retire: (world: World) => Promise<unknown>;
  readonly renew: (world: World) => Promise<unknown>;
  /** What the next agreement says. */
  readonly expected: (agreement: { rule: string; master: string; series: readonly string[] }) => void;
};

const nothing = () => Promise.resolve();
const addMaster = ({ keys, name }: World) => keys.addApp(name, { reference: 'master', kind: 'master', count: 0 });

const KINDS: readonly Kind[] = [
  {
    what: 'a derived key',
    retire: ({ keys, name, unit }) => keys.retire(name, 'watch', null, { index: 3, unit }),
    renew: nothing,
    expected: ({ series }) => expect(series).toEqual(['wallet/1 []', 'watch/1 [3]']),
  },
  {
    what: 'a derived key of a version that is named',
    retire: ({ keys, name, unit }) => keys.retire(name, 'wallet', 1, { index: 0, unit }),
    renew: nothing,
    expected: ({ series }) => expect(series).toEqual(['wallet/1 [0]', 'watch/1 []']),
  },
  {
    what: 'all derived keys of a series',
    retire: async ({ keys, name, unit }) => {
      for (let index = 0; index < TEST_SERIES; index += 1) await keys.retire(name, 'watch', null, { index, unit });
    },
    renew: nothing,
    expected: ({ series }) => expect(series).toEqual(['wallet/1 []']),
  },
  {
    what: 'a series set',
    retire: ({ keys, name, unit }) => keys.retire(name, 'wallet', null, { unit }),
    renew: nothing,
    expected: ({ series }) => expect(series).toEqual(['watch/1 []']),
  },
  {
    what: 'a series set that has a next version',
    retire: ({ keys, name, unit }) => keys.retire(name, 'wallet', 1, { unit }),
    renew: ({ keys, name }) => keys.addApp(name, { reference: 'wallet', kind: 'series', count: 5 }),
    expected: ({ series }) => expect(series).toEqual(['wallet/2 []', 'watch/1 []']),
  },
  {
    what: 'a rule',
    retire: ({ keys, name, unit }) => keys.setRule(name, 'counter', unit),
    renew: nothing,
    expected: ({ rule }) => expect(rule).toBe('counter'),
  },
  {
    what: 'a master key',
    retire: ({ keys, name, unit }) => keys.retire(name, 'master', null, { unit }),
    renew: addMaster,
    expected: ({ master }) => expect(master).toBe('master/2'),
  },
  {
    what: 'a master key with everything',
    retire: async (world) => {
      for (const reference of ['master', 'watch', 'wallet'])
        await world.keys.retire(world.name, reference, null, { unit: world.unit });
    },
    renew: ({ keys, name }) => keys.renew(name),
    expected: ({ master, series }) => expect([master, ...series]).toEqual(['master/2', 'wallet/2 []', 'watch/2 []']),
  },
];

describe('roll-over', () => {
  let at: TestProvider;
  let keys: KeyRegistry;
  let name: string;
  let module: TestModule;
  let other: TestModule;
  beforeAll(async () => {
    at = await openTestProvider();
    keys = directKeys(at.provider);
  });
  afterAll(() => at.close());
  beforeEach(async () => {
    // A set of its own for each test.
    name = `set-${toHex(new Uint8Array(randomBytes(6)))}`;
    [module, other] = [await enrolTestModule(at), await enrolTestModule(at)];
    await makeTestSet(keys, name, { units: [module.id, other.id] });
  });

  const blockOf = async (of: TestModule): Promise<ClientBlock> => {
    const block = await findBlock(at.provider.database.queries, of.id);
    if (block === null) throw new Error('no block');
    return block;
  };

  /** Every DK that a block gives, by series and index, retired ones not. */
  async function derivedKeysOf(block: ClientBlock): Promise<ReadonlyMap<string, string>> {
    const opened = await openBlockKeys(await openKeyWrap(at.provider), block);
    const derived = block.series.flatMap(({ slot, live }) =>
      live.map((index) => {
        const seriesKey = opened.series.get(slot.reference) ?? new Uint8Array();
        const derivedKey = deriveDerivedKey(opened.master, block.number, deriveSeriesNumber(seriesKey, index));
        return [`${slot.reference}/${slot.version} ${index}`, toHex(derivedKey)] as const;
      }),
    );
    return new Map(derived);
  }

  const shown = ({ rule, master, series }: ClientBlock) => ({
    rule,
    master: `${master.reference}/${master.version}`,
    series: series.map(({ slot, retired }) => `${slot.reference}/${slot.version} [${retired.join()}]`),
  });

  describe.each(KINDS)('of $what', ({ retire, renew, expected }) => {
    it.each(['one module', 'the whole set'])(
      'MC-6: stops at once for %s, and the next number has none of the derived keys of the one before',
      async (whose) => {
        const both = [await agreeAsModule(at, module), await agreeAsModule(at, other)];
        expect(both.map(({ agreement }) => agreement.number)).toEqual([1, 1]);
        const stolen = await derivedKeysOf(await blockOf(module));
        const world: World = { keys, name, unit: whose === 'one module' ? module.id : null };
        await retire(world);
        expect(await blockOf(module)).toMatchObject({ number: 1, isWanted: false, inForce: false });
        expect((await blockOf(other)).inForce).toBe(whose === 'one module');
        const late = await acceptanceOf(at, module, both[0]?.agreement ?? (await agreeAsModule(at, module)).agreement);
        expect(await codeOfResponse(await sendAcceptance(at, module, late))).toBe('keys/retired');
        await renew(world);
        const { agreement } = await agreeAsModule(at, module);
        expect(agreement.number).toBe(2);
        const block = await blockOf(module);
        expect(block).toMatchObject({ number: 2, inForce: true });
        expected(shown(block));
        const derived = new Set((await derivedKeysOf(block)).values());
        for (const key of stolen.values()) expect(derived).not.toContain(key);
      },
    );
  });

  it('MC-6: a master key or all series retired without a next version leave nothing to agree on, until there is one', async () => {
    await agreeAsModule(at, module);
    await keys.retire(name, 'master', null);
    expect(await codeOfResponse(await askAgreement(at, module))).toBe('keys/no-such-key');
    await keys.renew(name);
    expect((await agreeAsModule(at, module)).agreement.master.version).toBe(2);
    for (const { reference } of TEST_POLICY.series) await keys.retire(name, reference, null);
    expect(await codeOfResponse(await askAgreement(at, module))).toBe('keys/no-such-key');
    expect((await blockOf(module)).inForce).toBe(false);
  });

  it('MC-6: an older version is no way back where the newest is retired', async () => {
    await keys.addApp(name, { reference: 'wallet', kind: 'series', count: 5 });
    await agreeAsModule(at, module);
    await keys.retire(name, 'wallet', 2);
    const { agreement } = await agreeAsModule(at, module);
    expect(agreement.series.map(({ slot }) => slot.reference)).toEqual(['watch']);
  });

  it('MC-6: an index that is retired is one of that version alone: the next version has all of its own', async () => {
    await keys.retire(name, 'watch', null, { index: 3 });
    await keys.addApp(name, { reference: 'watch', kind: 'series', count: TEST_SERIES });
    const { agreement } = await agreeAsModule(at, module);
    expect(agreement.series.find(({ slot }) => slot.reference === 'watch')).toMatchObject({
      ...{ slot: { version: 2 }, retired: [] },
    });
  });

  it('MC-6: indexes retired for the set and for a module are over together, in their order, each once', async () => {
    for (const [index, unit] of [
      [5, module.id],
      [2, null],
      [5, null],
      [0, module.id],
      [7, other.id],
    ] as const)
      expect(await keys.retire(name, 'watch', null, { index, unit })).toBe(1);
    expect(await keys.retire(name, 'watch', null, { index: 2 })).toBe(0);
    const series = async (of: TestModule) =>
      (await agreeAsModule(at, of)).agreement.series.find(({ slot }) => slot.reference === 'watch')?.retired;
    expect(await series(module)).toEqual([0, 2, 5]);
    expect(await series(other)).toEqual([2, 5, 7]);
    expect((await blockOf(module)).series[1]).toMatchObject({ count: TEST_SERIES, live: [1, 3, 4, 6, 7] });
  });

  it('MC-6: a whole set that is retired has no agreement in force and gives none', async () => {
    await agreeAsModule(at, module);
    await keys.retire(name, null, null);
    expect((await blockOf(module)).inForce).toBe(false);
    expect(await codeOfResponse(await askAgreement(at, module))).toBe('keys/retired');
  });

  it('SD-1, MC-6: out of a set that is retired a module is taken into another by name, and agrees there on what is there', async () => {
    await keys.retire(name, 'wallet', null, { unit: module.id });
    await keys.setRule(name, 'date', module.id);
    await agreeAsModule(at, module);
    await makeTestSet(keys, `${name}-b`);
    await expect(keys.addUnits(`${name}-b`, [module.id, other.id])).rejects.toThrow('keys/other-unit');
    await keys.retire(name, null, null);
    expect(await keys.addUnits(`${name}-b`, [module.id])).toBe(1);
    expect(await blockOf(module)).toMatchObject({ number: 1, inForce: false });
    // Its slots say master/1 as well, of the old set: the transport key, which empties them, comes first.
    expect(await codeOfResponse(await askAgreement(at, module))).toBe('keys/retired');
    const own = await receiveKeys(at, module, ['master', 'watch', 'wallet']);
    const { agreement } = await agreeAsModule(at, module);
    expect(agreement).toMatchObject({ number: 2, rule: 'client' });
    const block = await blockOf(module);
    expect(block.series.map(({ slot }) => slot.reference)).toEqual(['wallet', 'watch']);
    const opened = await openBlockKeys(await openKeyWrap(at.provider), block);
    expect(opened.master).toEqual(own.get('master')?.applicationKey);
    expect(await codeOfResponse(await askAgreement(at, other))).toBe('keys/retired');
  });

  it('MC-6: what is retired for one module is not given out to it any more, and still to the others', async () => {
    await keys.retire(name, 'wallet', null, { unit: module.id });
    const random = 'ab'.repeat(16);
    const ask = async (unit: string) => (await keys.customize(name, [{ unit, reference: 'wallet', random }]))[0];
    expect(await ask(module.id)).toEqual({ error: 'keys/no-such-key' });
    expect(await ask(other.id)).toMatchObject({ slot: 'wallet/1' });
    await keys.addApp(name, { reference: 'wallet', kind: 'series', count: 5 });
    expect(await ask(module.id)).toMatchObject({ slot: 'wallet/2' });
    expect((await receiveKeys(at, module, ['wallet'])).get('wallet')?.count).toBe(5);
  });

  it('MC-6: everything of one module is over at once where no key is named', async () => {
    await agreeAsModule(at, module);
    await agreeAsModule(at, other);
    expect(await keys.retire(name, null, null, { unit: module.id })).toBe(3);
    expect([(await blockOf(module)).inForce, (await blockOf(other)).inForce]).toEqual([false, true]);
    expect(await codeOfResponse(await askAgreement(at, module))).toBe('keys/no-such-key');
    await keys.renew(name);
    expect((await agreeAsModule(at, module)).agreement).toMatchObject({ number: 2, master: { version: 2 } });
  });

  it('MC-6: new versions of a whole set are those of its keys, and of what its policy names; older ones are given out no more', async () => {
    await keys.addApp(name, { reference: 'gone', kind: 'key', count: 0 });
    await keys.addApp(name, { reference: 'plain', kind: 'key', count: 0 });
    await keys.retire(name, 'gone', null);
    await keys.retire(name, 'master', null);
    const made = await keys.renew(name);
    expect(made.map(({ reference, version }) => `${reference}/${version}`)).toEqual([
      'master/2',
      'plain/2',
      'wallet/2',
      'watch/2',
    ]);
    const offered = (await keys.apps(name)).filter(({ retiredTime }) => retiredTime === null);
    expect(offered.map(({ version }) => version)).toEqual([2, 2, 2, 2]);
    await expect(keys.renew('west')).rejects.toThrow('keys/unknown-set');
    await keys.addSet(`${name}-bare`);
    await expect(keys.renew(`${name}-bare`)).rejects.toThrow('keys/no-such-key');
  });

  it.each([
    ['a set that there is not', 'west', 'watch', null, {}, 'keys/unknown-set'],
    ['an index of a key that there is not', null, 'none', null, { index: 0 }, 'keys/no-such-key'],
    ['an index of a version that there is not', null, 'watch', 2, { index: 0 }, 'keys/no-such-key'],
    ['an index beyond the series', null, 'watch', null, { index: TEST_SERIES }, 'keys/malformed'],
    ['an index below 0', null, 'watch', null, { index: -1 }, 'keys/malformed'],
    ['an index of a master key', null, 'master', null, { index: 0 }, 'keys/malformed'],
    ['an index of no series', null, null, null, { index: 0 }, 'keys/malformed'],
    ['a key that there is not, for one module', null, 'none', null, { own: true }, 'keys/no-such-key'],
    ['a key for a module of no set', null, 'watch', null, { unit: '9'.repeat(32) }, 'keys/unknown-unit'],
  ] as const)('MC-6: refuses to retire %s, and nothing is over', async (_, set, reference, version, only, code) => {
    await agreeAsModule(at, module);
    const unit = 'own' in only ? module.id : 'unit' in only ? only.unit : null;
    const index = 'index' in only ? only.index : null;
    await expect(keys.retire(set ?? name, reference, version, { index, unit })).rejects.toThrow(code);
    expect((await blockOf(module)).inForce).toBe(true);
  });

  it('MC-6: refuses to retire a key for a module of another set', async () => {
    await makeTestSet(keys, `${name}-b`);
    await expect(keys.retire(`${name}-b`, 'watch', null, { unit: module.id })).rejects.toThrow('keys/other-unit');
  });

  it('MC-6: retired while a module agrees: whatever comes first, what is in force is what is wanted', async () => {
    for (let round = 0; round < TEST_SERIES - 1; round += 1) {
      const body = await makeContact(at, module);
      await Promise.all([
        at.post('/keys/agreement', body),
        keys.retire(name, 'watch', null, { index: round, unit: round % 2 === 0 ? module.id : null }),
      ]);
      const asked = await agreeAsModule(at, module);
      const block = await blockOf(module);
      expect(block.inForce).toBe(true);
      expect(asked.agreement.series[1]?.retired).toEqual(Array.from({ length: round + 1 }, (_, index) => index));
    }
  });
});
