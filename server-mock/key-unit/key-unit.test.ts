// The key unit on a real database: SD-1 to SD-4 on the provider's side.

import { chmod, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url, fromHex, toBase64Url, toHex } from '../../src/protocol/bytes.ts';
import { decodeModuleId } from '../../src/protocol/ids.ts';
import { diversifyKey } from '../../src/protocol/key-unit/application-key.ts';
import { importKey } from '../../src/protocol/key-unit/export-key.ts';
import { deriveOperationKey } from '../../src/protocol/key-unit/operation-key.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { adminApp } from '../admin/admin-app.ts';
import { directRegistry } from '../catalogue/direct-registry.ts';
import { directClaims } from '../claims/direct-registry.ts';
import { applicationKeys, keySets, keyUnits } from '../db/key-schema.ts';
import { directLive } from '../live/direct-live.ts';
import { directModules } from '../modules/direct-registry.ts';
import { openProvider, type Provider, systemRandom } from '../provider.ts';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { makeTestFolder, makeTestFolderWithDatabase, testConfig } from '../testing/test-provider.ts';
import { directKeys } from './direct-registry.ts';
import type { ExportAnswer, KeyRegistry } from './registry.ts';
import { openKeyWrap } from './wrap.ts';

const UNITS = ['1', '2', '3'].map((digit) => digit.repeat(32));
const [UNIT = '', SECOND = ''] = UNITS;
const STRANGER = '9'.repeat(32);
const RANDOM = 'ab'.repeat(16);
const TOKEN = 'k'.repeat(43);

let folder: string;
let database: TestDatabase;
let provider: Provider;
let keys: KeyRegistry;
/** Every 32 bytes that the provider drew: transport keys and materials are among them, in the order in which they were made. */
const drawn: Uint8Array[] = [];
beforeAll(async () => {
  database = await makeTestDatabase();
  folder = await (database.url === undefined ? makeTestFolderWithDatabase() : makeTestFolder());
  provider = await openProvider(testConfig(folder, database.url === undefined ? {} : { databaseUrl: database.url }), {
    random: (lengthBytes) => {
      const bytes = systemRandom(lengthBytes);
      if (lengthBytes === 32) drawn.push(Uint8Array.from(bytes));
      return bytes;
    },
  });
  keys = directKeys(provider);
  await keys.addSet('north');
  await keys.addSet('south');
  await keys.addUnits('north', UNITS);
  await keys.addApp('north', { reference: 'wallet', kind: 'key', count: 0 });
  await keys.addApp('north', { reference: 'watch', kind: 'series', count: 300 });
});
afterAll(async () => {
  await provider.database.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const ask = async (change: Partial<{ unit: string; reference: string; random: string }> = {}, set = 'north') => {
  const [answer] = await keys.customize(set, [{ unit: UNIT, reference: 'wallet', random: RANDOM, ...change }]);
  if (answer === undefined) throw new Error('no answer');
  return answer;
};
const codeOf = (answer: ExportAnswer): string => ('error' in answer ? answer.error : 'none');

/** T of a set and the material of a key, opened with the key unit's own wrap: what a unit of the set has, and what nobody gets. */
async function secretsOf(name: string, reference: string) {
  const wrap = await openKeyWrap(provider);
  const [set] = await provider.database.queries.select().from(keySets).where(sql`${keySets.name} = ${name}`);
  const apps = await provider.database.queries.select().from(applicationKeys);
  const app = apps.findLast((row) => row.setId === set?.id && row.reference === reference);
  if (set === undefined || app === undefined) throw new Error('not there');
  const { version } = app;
  return {
    set: fromHex(set.id),
    transportKey: await wrap.open({ set: set.id, slot: null }, set.wrappedTransportKey),
    material: await wrap.open({ set: set.id, slot: { reference, version } }, app.wrappedMaterial),
    version,
  };
}

function open(answer: ExportAnswer, transport: { set: Uint8Array; transportKey: Uint8Array }, unit = UNIT) {
  if ('error' in answer) throw new Error(answer.error);
  const { slot, sealedKey, signature, certificate } = answer;
  const exported = {
    slot,
    sealedKey: fromBase64Url(sealedKey),
    signature: fromBase64Url(signature),
    certificate: fromBase64Url(certificate),
  };
  const exchange = { transport, unit: decodeModuleId(unit), random: fromHex(RANDOM) };
  return importKey(exchange, { exported, reference: slot.split('/')[0] ?? '', heldVersion: 0 });
}

describe('EXPORTKEY', () => {
  it('SD-2: gives a unit the key of this reference, diversified for it alone, which the unit opens with T', async () => {
    const secrets = await secretsOf('north', 'wallet');
    const first = open(await ask(), secrets);
    const second = open(await ask({ unit: SECOND }), secrets, SECOND);
    expect(first).toMatchObject({ kind: 'key', count: 0, slot: { reference: 'wallet', version: 1 } });
    expect(first.applicationKey).not.toEqual(second.applicationKey);
    expect(first.applicationKey).not.toEqual(secrets.material);
    expect(open(await ask({ reference: 'watch' }), secrets)).toMatchObject({ kind: 'series', count: 300 });
  });

  it('SD-4: never gives the same bytes twice for the same command, and always the same key', async () => {
    const secrets = await secretsOf('north', 'wallet');
    const [one, two] = [await ask(), await ask()];
    expect(one).not.toEqual(two);
    expect(open(one, secrets)).toEqual(open(two, secrets));
  });

  it.each([
    ['SD-2: a reference that there is not', { reference: 'other' }, 'north', 'keys/no-such-key'],
    ['SD-2: a reference that is none', { reference: '../x' }, 'north', 'keys/malformed'],
    ['SD-2: an R that is too short', { random: 'ab' }, 'north', 'keys/malformed'],
    ['SD-1: a unit of no set', { unit: STRANGER }, 'north', 'keys/unknown-unit'],
    ['SD-1: a unit of another set', {}, 'south', 'keys/other-unit'],
  ])('refuses %s', async (_, change, set, code) => {
    expect(codeOf(await ask(change, set))).toBe(code);
  });

  it('refuses a set that there is not', async () => {
    await expect(ask({}, 'west')).rejects.toThrow('keys/unknown-set');
  });

  it('answers many commands in their order; one that is refused stops no other', async () => {
    const references = ['wallet', 'other', 'watch', 'wallet'];
    const answers = await keys.customize(
      'north',
      references.map((reference) => ({ unit: UNIT, reference, random: RANDOM })),
    );
    expect(answers.map((answer) => ('error' in answer ? answer.error : answer.slot))).toEqual([
      'wallet/1',
      'keys/no-such-key',
      'watch/1',
      'wallet/1',
    ]);
  });
});

describe('sets and application keys', () => {
  it('SD-1: sets differ in T, and a unit is in one of them', async () => {
    const checks = (await keys.sets()).map(({ transportCheck }) => transportCheck);
    expect(new Set(checks).size).toBe(2);
    await expect(keys.addUnits('south', ['4'.repeat(32), UNIT])).rejects.toThrow('keys/other-unit');
    const taken = await provider.database.queries.select().from(keyUnits);
    expect(taken.map(({ unitId }) => unitId)).not.toContain('4'.repeat(32));
    expect(await keys.addUnits('north', [...UNITS, '5'.repeat(32)])).toBe(1);
  });

  it('SD-5: a key added again is its next version with other material, and from then on the one that is given', async () => {
    await keys.addApp('north', { reference: 'ticket', kind: 'key', count: 0 });
    const before = await secretsOf('north', 'ticket');
    expect((await keys.addApp('north', { reference: 'ticket', kind: 'key', count: 0 })).version).toBe(2);
    const after = await secretsOf('north', 'ticket');
    expect(after.material).not.toEqual(before.material);
    expect(open(await ask({ reference: 'ticket' }), after).slot.version).toBe(2);
    const apps = await keys.apps('north');
    expect(
      apps.filter(({ reference }) => reference === 'ticket').map(({ version, units }) => [version, units]),
    ).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });

  it('MC-6: what is retired is not given out any more, a version alone, a reference, and a whole set', async () => {
    const reference = 'gone';
    for (let version = 1; version <= 3; version += 1) await keys.addApp('north', { reference, kind: 'key', count: 0 });
    expect(await keys.retire('north', reference, 3)).toBe(1);
    expect(await ask({ reference })).toMatchObject({ slot: 'gone/2' });
    expect(await keys.retire('north', reference, null)).toBe(2);
    expect(codeOf(await ask({ reference }))).toBe('keys/no-such-key');
    await expect(keys.retire('north', 'never', null)).rejects.toThrow('keys/no-such-key');
    await keys.addSet('east');
    await keys.addUnits('east', ['6'.repeat(32)]);
    await keys.addApp('east', { reference: 'wallet', kind: 'key', count: 0 });
    expect(await keys.retire('east', null, null)).toBe(1);
    expect(codeOf(await ask({ unit: '6'.repeat(32) }, 'east'))).toBe('keys/no-such-key');
    await expect(keys.addApp('east', { reference: 'wallet', kind: 'key', count: 0 })).rejects.toThrow('keys/retired');
    await expect(keys.addUnits('east', [STRANGER])).rejects.toThrow('keys/retired');
  });

  it.each([
    ['a set twice', () => keys.addSet('north'), 'keys/exists'],
    ['a set without a name', () => keys.addSet(''), 'keys/malformed'],
    [
      'a key in a set that there is not',
      () => keys.addApp('west', { reference: 'a', kind: 'key', count: 0 }),
      'keys/unknown-set',
    ],
    ['a series of none', () => keys.addApp('north', { reference: 'a', kind: 'series', count: 0 }), 'keys/malformed'],
    [
      'a key with a wrong name',
      () => keys.addApp('north', { reference: 'A', kind: 'key', count: 0 }),
      'keys/malformed',
    ],
    ['the keys of a set that there is not', () => keys.apps('west'), 'keys/unknown-set'],
  ])('refuse %s', async (_, change, code) => {
    await expect(change()).rejects.toThrow(code);
  });
});

describe('at rest', () => {
  it('SD-4: no answer, no row and no file has a transport key, a material, a T1 or a unit’s key in the clear', async () => {
    const answers: unknown[] = [await keys.sets(), await keys.apps(null), await ask(), await ask({ unit: STRANGER })];
    const app = adminApp(
      ...[directRegistry(provider), directModules(provider), directLive(provider), directClaims(provider), keys],
      TOKEN,
    );
    const headers = { Authorization: `Bearer ${TOKEN}` };
    for (const path of ['key-sets', 'application-keys', 'key-sets/north/apps', 'key-sets/west/apps']) {
      answers.push(await (await app.request(`/admin/v1/${path}`, { headers })).text());
    }
    const commands = UNITS.map((unit) => ({ unit, reference: 'wallet', random: RANDOM }));
    const exported = await app.request('/admin/v1/key-sets/north/exports', {
      ...{ method: 'POST', headers, body: JSON.stringify({ commands }) },
    });
    expect(exported.status).toBe(200);
    answers.push(await exported.text());
    const secrets = await secretsOf('north', 'wallet');
    const unit = decodeModuleId(UNIT);
    const slot = { reference: 'wallet', version: secrets.version };
    const { applicationKey } = diversifyKey({ ...secrets, unit, slot, purpose: { kind: 'key', count: 0 } });
    expect(drawn.map(toHex)).toEqual(expect.arrayContaining([toHex(secrets.transportKey), toHex(secrets.material)]));
    const alive = [secrets.transportKey, secrets.material, applicationKey, deriveOperationKey(secrets, unit)];

    const told = Buffer.from(JSON.stringify(answers) + (await rowsAsText()));
    for (const bytes of [...drawn, ...alive])
      for (const form of formsOf(bytes)) expect(told.includes(form)).toBe(false);
    const files = await contentsOf(folder, 'key-unit.json');
    for (const bytes of alive) {
      for (const form of formsOf(bytes)) expect(files.some((file) => file.includes(form))).toBe(false);
    }
    // That the search finds what is there: REF2 is in the answers, and the set's id in a row.
    expect([told.includes('wallet/1'), told.includes(toHex(secrets.set))]).toEqual([true, true]);
  });

  /** Half of a secret as it could stand somewhere: the rest could be found from it. */
  function formsOf(bytes: Uint8Array): (Buffer | string)[] {
    const half = Buffer.from(bytes.subarray(0, 16));
    return [half, toHex(half), toBase64Url(half).slice(0, 20), half.toString('base64').slice(0, 20)];
  }

  async function rowsAsText(): Promise<string> {
    const { queries } = provider.database;
    const tables = ['key_sets', 'key_units', 'application_keys', 'key_exports', 'idempotent_answers'];
    const rows: unknown[] = [];
    for (const table of tables) rows.push(await queries.execute(sql`select t::text from ${sql.raw(table)} t`));
    return JSON.stringify(rows);
  }

  async function contentsOf(place: string, except: string): Promise<Buffer[]> {
    const entries = await readdir(place, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && entry.name !== except);
    return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name))));
  }

  it('SD-4: the key encryption key is a file for its owner alone; one that others may read is refused', async () => {
    const path = join(folder, 'keys/key-unit.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o640);
    await expect(openKeyWrap(provider)).rejects.toThrow('server/exposed-key');
    await chmod(path, 0o600);
    await openKeyWrap(provider);
  });

  it('under another key encryption key nothing opens, and nothing is made anew', async () => {
    const keyUnitKey = toBase64Url(new Uint8Array(32).fill(7));
    const other = directKeys({ ...provider, config: { ...provider.config, keyUnitKey } });
    await expect(other.sets()).rejects.toThrow('server/internal');
    await expect(other.customize('north', [{ unit: UNIT, reference: 'wallet', random: RANDOM }])).rejects.toThrow(
      'server/internal',
    );
  });

  it('a wrapped key opens nowhere but in its own place', async () => {
    const wrap = await openKeyWrap({ ...provider, suite });
    const clear = new Uint8Array(32).fill(3);
    const place = { set: 'a'.repeat(32), slot: { reference: 'wallet', version: 1 } };
    const wrapped = await wrap.seal(place, clear);
    expect(await wrap.open(place, wrapped)).toEqual(clear);
    for (const other of [
      { ...place, set: 'b'.repeat(32) },
      { ...place, slot: null },
      { ...place, slot: { reference: 'wallet', version: 2 } },
    ]) {
      await expect(wrap.open(other, wrapped)).rejects.toThrow('server/internal');
    }
  });
});
