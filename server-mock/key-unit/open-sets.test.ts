// Open sets: a module joins by asking for a transport key (docs/protocol.md §24), SD-1, SD-5.

import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../../src/protocol/bytes.ts';
import { keyUnits } from '../db/key-schema.ts';
import {
  agreeAsModule,
  askTransport,
  makeTestSet,
  receiveKeys,
  receiveTransport,
  TEST_POLICY,
} from '../testing/agreed.ts';
import { enrolTestModule, makeContact, type TestModule } from '../testing/module.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { directKeys } from './direct-registry.ts';
import type { KeyRegistry } from './registry.ts';
import { makeSampleSet, SAMPLE_SET } from './sample-set.ts';

describe('open sets', () => {
  let at: TestProvider;
  let keys: KeyRegistry;
  beforeAll(async () => {
    at = await openTestProvider();
    keys = directKeys(at.provider);
  });
  afterAll(() => at.close());

  const setOf = async ({ id }: TestModule): Promise<string | undefined> => {
    const [row] = await at.provider.database.queries.select().from(keyUnits).where(eq(keyUnits.unitId, id));
    return (await keys.sets()).find(({ set }) => set === row?.setId)?.name;
  };
  const enrolMany = async (count: number): Promise<readonly TestModule[]> => {
    const made: TestModule[] = [];
    for (let enrolled = 0; enrolled < count; enrolled += 1) made.push(await enrolTestModule(at));
    return made;
  };

  it('SD-1: a set that is not open takes in nobody by itself', async () => {
    await makeTestSet(keys, 'closed');
    const module = await enrolTestModule(at);
    expect(await codeOfResponse(await askTransport(at, module))).toBe('keys/unknown-unit');
    expect(await setOf(module)).toBe(undefined);
  });

  it('SD-1: a module of no set joins an open one by asking, once, and can agree then', async () => {
    await makeTestSet(keys, 'gate', { openSize: 2 });
    const module = await enrolTestModule(at);
    const first = await receiveTransport(at, module);
    expect(toHex(first.set)).toBe((await keys.sets()).find(({ name }) => name === 'gate')?.set);
    expect((await receiveTransport(at, module)).transportKey).toEqual(first.transportKey);
    expect(await setOf(module)).toBe('gate');
    expect((await keys.sets()).find(({ name }) => name === 'gate')?.units).toBe(1);
    expect((await agreeAsModule(at, module)).agreement.number).toBe(1);
  });

  it('SD-1, SD-5: a full one is followed by the next with the same policy and keys of its own, however many come at once', async () => {
    await keys.addSet('gate-2');
    const modules = await enrolMany(6);
    const bodies = [];
    for (const module of modules) bodies.push(await makeContact(at, module));
    const answers = await Promise.all(bodies.map((body) => at.post('/keys/transport', body)));
    expect(answers.map(({ status }) => status)).toEqual(modules.map(() => 200));
    const joined = await Promise.all(modules.map(setOf));
    // One place was left in the first; a name that is taken is passed over.
    const counted = Map.groupBy(joined, (name) => name ?? '');
    expect([...counted].map(([name, { length }]) => [name, length]).sort()).toEqual([
      ['gate', 1],
      ['gate-3', 2],
      ['gate-4', 2],
      ['gate-5', 1],
    ]);
    const sets = (await keys.sets()).filter(({ name }) => /^gate(-[345])?$/.test(name));
    expect(new Set(sets.map(({ policy, openSize }) => JSON.stringify([policy, openSize]))).size).toBe(1);
    expect(new Set(sets.map(({ transportCheck }) => transportCheck)).size).toBe(4);
    const apps = await Promise.all(sets.map(({ name }) => keys.apps(name)));
    const named = apps.map((list) =>
      list.map(({ reference, version, kind, count }) => [reference, version, kind, count]),
    );
    expect(new Set(named.map((list) => JSON.stringify(list))).size).toBe(1);
    expect(new Set(apps.flat().map(({ materialCheck }) => materialCheck)).size).toBe(12);
    const late = modules[joined.indexOf('gate-5')];
    if (late === undefined) throw new Error('nobody joined');
    expect([...(await receiveKeys(at, late, ['master', 'wallet'])).keys()]).toEqual(['master', 'wallet']);
    expect((await agreeAsModule(at, late)).agreement.series).toHaveLength(2);
  });

  it('SD-1: a module joins an older open set that has room before a new one is made, and none that is retired', async () => {
    at.clock.now += 1_000;
    await makeTestSet(keys, 'yard', { openSize: 1 });
    const [first, second, third] = await enrolMany(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three modules');
    for (const module of [first, second]) await receiveTransport(at, module);
    // gate-5 has one place of two left.
    expect(await Promise.all([setOf(first), setOf(second)])).toEqual(['yard', 'gate-5']);
    for (const { name, openSize } of await keys.sets()) if (openSize !== null) await keys.retire(name, null, null);
    expect(await codeOfResponse(await askTransport(at, third))).toBe('keys/unknown-unit');
    expect(await codeOfResponse(await askTransport(at, first))).toBe('keys/retired');
  });

  it('SD-5: what was retired without a next version is not in the set that follows', async () => {
    at.clock.now += 1_000;
    await makeTestSet(keys, 'door', { openSize: 1 });
    await keys.addApp('door', { reference: 'master', kind: 'master', count: 0 });
    await keys.retire('door', 'watch', null);
    const [first, second] = await enrolMany(2);
    if (first === undefined || second === undefined) throw new Error('two modules');
    await receiveTransport(at, first);
    await receiveTransport(at, second);
    expect(await Promise.all([setOf(first), setOf(second)])).toEqual(['door', 'door-2']);
    expect((await keys.apps('door-2')).map(({ reference, version }) => `${reference}/${version}`)).toEqual([
      'master/1',
      'wallet/1',
    ]);
    const { series } = (await agreeAsModule(at, second)).agreement;
    expect(series.map(({ slot }) => slot.reference)).toEqual(['wallet']);
  });

  it.each([0, -1, 1.5, 65_537])('SD-1: a set of the open size %d is refused', async (openSize) => {
    await expect(keys.addSet('odd', openSize)).rejects.toThrow('keys/malformed');
  });

  it('names stay within their length: the end of the name gives way', async () => {
    at.clock.now += 1_000;
    const name = `${'a'.repeat(28)}-b-c`;
    await makeTestSet(keys, name, { openSize: 1, policy: { ...TEST_POLICY, rule: 'date' } });
    const modules = await enrolMany(2);
    for (const module of modules) await receiveTransport(at, module);
    expect(await Promise.all(modules.map(setOf))).toEqual([name, `${'a'.repeat(28)}-b-2`]);
  });
});

describe('the sample’s open set', () => {
  it('MC-2: is made at the first start of a provider without sets, once, and takes a module through to an agreement', async () => {
    const at = await openTestProvider();
    try {
      const keys = directKeys(at.provider);
      expect(await makeSampleSet(keys)).toBe(true);
      expect(await makeSampleSet(keys)).toBe(false);
      const sets = await keys.sets();
      expect(sets).toMatchObject([{ name: SAMPLE_SET, openSize: 256, policy: { rule: 'client', master: 'master' } }]);
      const module = await enrolTestModule(at);
      await receiveTransport(at, module);
      const { agreement, keys: named } = await agreeAsModule(at, module);
      expect(agreement.series.map(({ slot, pin }) => [slot.reference, pin])).toEqual([
        ['messages', true],
        ['wallet', true],
        ['watch', false],
      ]);
      const own = await receiveKeys(
        at,
        module,
        named.map(({ reference }) => reference),
      );
      expect([...own.values()].map(({ kind, count }) => [kind, count])).toEqual([
        ['master', 0],
        ['series', 64],
        ['series', 64],
        ['series', 64],
      ]);
    } finally {
      await at.close();
    }
  });
});
