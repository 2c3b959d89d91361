import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ProviderConfig } from '../config.ts';
import { startProvider } from '../server.ts';
import { makeFareboxFolder, runFarebox as run } from '../testing/farebox-command.ts';
import type { TestDatabase } from '../testing/test-database.ts';

const UNITS = Array.from({ length: 250 }, (_, at) => (at + 1).toString(16).padStart(32, '0'));

describe('farebox keys', () => {
  let folder: string;
  let database: TestDatabase;
  let config: ProviderConfig;
  let units: string;
  let commands: string;
  beforeAll(async () => {
    ({ folder, database, config } = await makeFareboxFolder());
    units = join(folder, 'units');
    commands = join(folder, 'commands');
    await writeFile(units, UNITS.join('\n'));
    const command = (unit: string) => JSON.stringify({ unit, reference: 'wallet', random: 'cd'.repeat(16) });
    await writeFile(commands, [...UNITS, 'f'.repeat(32)].map(command).join('\n'));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('SD-5: makes a set, takes units in, makes keys, customises the set, reports the unit that failed, and retires a key', async () => {
    const server = await startProvider(config);
    try {
      expect(await run('keys', 'sets')).toMatchObject({ code: 0, out: expect.stringContaining('no set yet') });
      expect(await run('keys', 'add', 'set', 'north')).toMatchObject({ code: 0 });
      expect(await run('keys', 'add', 'units', 'north', '--units', units)).toMatchObject({
        ...{ code: 0, out: '250 of 250 units are new in north.' },
      });
      expect(await run('keys', 'add', 'app', 'north', 'wallet')).toMatchObject({ code: 0 });
      const series = await run('keys', 'add', 'app', 'north', 'watch', '--kind', 'series', '--count', '300', '--json');
      expect(JSON.parse(series.out)).toMatchObject({
        app: { reference: 'watch', version: 1, kind: 'series', count: 300 },
      });

      const batch = await run('keys', 'customize', 'north', '--units', commands);
      expect(batch.code).toBe(1);
      expect(batch.out).toContain('250 of 251 commands were answered with a key.');
      expect(batch.out).toMatch(/251 +f{32} +wallet +keys\/unknown-unit/);
      expect(batch.err).toContain('200 of 251\n251 of 251');
      expect((await readFile(`${commands}.out`, 'utf8')).trimEnd().split('\n')).toHaveLength(251);

      expect((await run('keys', 'show', 'north')).out).toMatch(/wallet\/1 +key +[0-9a-f]{6} +250/);
      expect((await run('keys', 'apps')).out).toMatch(/watch\/1 +series +300/);
      expect(await run('keys', 'retire', 'north', 'wallet/1')).toMatchObject({
        ...{ code: 0, out: '1 keys of north are given out no more.' },
      });
      expect(await run('keys', 'add', 'set', 'south')).toMatchObject({ code: 0 });
      const elsewhere = await run('keys', 'add', 'units', 'south', '--units', units);
      expect(elsewhere).toMatchObject({ code: 1, err: expect.stringContaining('keys/other-unit') });
      const unknown = await run('keys', 'show', 'west');
      expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('keys/unknown-set') });
      expect(await run('keys', 'apps', '--set', 'west')).toMatchObject({ code: 1 });
    } finally {
      await server.stop();
    }
  });

  it('SD-5: does the same without a server', async () => {
    const again = JSON.parse((await run('keys', 'customize', 'north', '--units', commands, '--json')).out);
    expect(again).toMatchObject({ commands: 251, resumed: 251, customized: 250, finished: true });
    const shown = JSON.parse((await run('keys', 'show', 'north', '--json')).out);
    expect(shown).toMatchObject({
      set: { name: 'north', units: 250, retiredTime: null },
      apps: [
        { reference: 'wallet', units: 250, retiredTime: expect.any(Number) },
        { reference: 'watch', units: 0, retiredTime: null },
      ],
    });
  });

  it.each([
    [['keys', 'sets', 'x']],
    [['keys', 'show']],
    [['keys', 'add', 'set', 'No Name']],
    [['keys', 'add', 'units', 'north']],
    [['keys', 'add', 'app', 'north', 'a', '--kind', 'other']],
    [['keys', 'add', 'app', 'north', 'a', '--count', '3']],
    [['keys', 'add', 'app', 'north', 'a', '--kind', 'series', '--count', '5000']],
    [['keys', 'customize', 'north']],
    [['keys', 'add', 'set', 'north', '--open', '0']],
    [['keys', 'add', 'set', 'north', '--open', '65537']],
  ])('refuse the arguments %j with the usage', async (argv) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toContain('Usage: farebox keys');
  });

  it.each(['sets', 'apps', 'show', 'add set', 'add units', 'add app', 'customize'])(
    'keys %s has --help',
    async (name) => {
      const { code, out } = await run('keys', ...name.split(' '), '--help');
      expect([code, out]).toEqual([0, expect.stringContaining(`farebox keys ${name}`)]);
    },
  );

  it('names the line of a file of units that is no unit', async () => {
    const wrong = join(folder, 'wrong');
    await writeFile(wrong, `${UNITS[0]}\nx\n`);
    expect(await run('keys', 'add', 'units', 'north', '--units', wrong)).toMatchObject({
      code: 2,
      err: expect.stringContaining('line 2'),
    });
  });
});
