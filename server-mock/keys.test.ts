import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeys } from './keys.ts';
import { makeTestFolder } from './testing/test-provider.ts';

describe('the provider’s keys', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await makeTestFolder();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are made once, for the owner of the folder alone, and found again', async () => {
    const made = await openKeys(folder);
    const names = await readdir(join(folder, 'keys'));
    expect(names.sort()).toEqual(['agency.json', 'provider.json', 'storage.json']);
    expect((await stat(join(folder, 'keys'))).mode & 0o777).toBe(0o700);
    for (const name of names) expect((await stat(join(folder, 'keys', name))).mode & 0o777).toBe(0o600);
    const found = await openKeys(folder);
    expect([found.agency.kid, found.provider.kid]).toEqual([made.agency.kid, made.provider.kid]);
    expect(found.storageKey).toEqual(made.storageKey);
    expect(made.agency.kid).not.toBe(made.provider.kid);
  });

  it('are the same for all processes that start at once', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => openKeys(folder)));
    expect(new Set(opened.map(({ agency, provider }) => `${agency.kid} ${provider.kid}`)).size).toBe(1);
    expect(await readdir(join(folder, 'keys'))).toHaveLength(3);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, 40)],
    ['of another role', (text: string) => text.replace('"agency"', '"provider"')],
    ['of a later version', (text: string) => text.replace('"version":1', '"version":2')],
  ])('stop the start where a file is %s, and are never replaced or told', async (_what, damage) => {
    await openKeys(folder);
    const path = join(folder, 'keys', 'agency.json');
    const whole = await readFile(path, 'utf8');
    const damaged = damage(whole);
    expect(damaged).not.toBe(whole);
    await writeFile(path, damaged);
    const refused = await openKeys(folder).catch((cause: unknown) => cause);
    expect(refused).toMatchObject({ code: 'server/internal', detail: { file: path } });
    const secret = /"secret":"([\w-]+)/.exec(whole)?.[1] ?? whole;
    expect(`${refused} ${JSON.stringify(refused)}`).not.toContain(secret);
    expect(await readFile(path, 'utf8')).toBe(damaged);
  });

  it('say that the folder cannot be written where it cannot', async () => {
    await writeFile(join(folder, 'keys'), 'in the way');
    await expect(openKeys(folder)).rejects.toMatchObject({ code: 'server/no-permission' });
    await rm(join(folder, 'keys'));
    await mkdir(join(folder, 'keys', 'agency.json'), { recursive: true });
    await expect(openKeys(folder)).rejects.toMatchObject({ code: 'server/no-permission' });
  });
});
