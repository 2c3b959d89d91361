import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeys } from '../keys.ts';
import { fillWithDatabase } from '../testing/template-folder.ts';
import { makeTestFolder } from '../testing/test-provider.ts';
import { acquireLock } from './lock.ts';
import { openDatabase } from './open.ts';

const NODE = join(import.meta.dirname, '../../node_modules/.bin/node');

describe('a database folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await makeTestFolder();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is refused to a second process while the first lives, and free when it was killed', async () => {
    const script = `
      const { acquireLock } = await import(${JSON.stringify(join(import.meta.dirname, 'lock.ts'))});
      await acquireLock(${JSON.stringify(join(folder, 'database.lock'))});
      console.log('held');
      setInterval(() => {}, 1000);`;
    const first = spawn(NODE, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(first.stdout, 'data');
    await expect(openDatabase({ dataDir: folder })).rejects.toMatchObject({
      code: 'server/locked',
      detail: { pid: first.pid },
    });
    first.kill('SIGKILL');
    await once(first, 'exit');
    const database = await openDatabase({ dataDir: folder });
    await database.close();
  });

  it('is refused to a second opener in the same process, and free after closing', async () => {
    const lock = await acquireLock(join(folder, 'database.lock'));
    await expect(acquireLock(join(folder, 'database.lock'))).rejects.toMatchObject({ code: 'server/locked' });
    await lock.release();
    await lock.release();
    await (await acquireLock(join(folder, 'database.lock'))).release();
  });

  it('goes to one of several that find a dead owner at once', async () => {
    const path = join(folder, 'database.lock');
    const token = '00000000-0000-4000-8000-000000000000';
    await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, startTicks: null, token }));
    const claims = await Promise.allSettled(Array.from({ length: 5 }, () => acquireLock(path)));
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is not taken for owned by a process that only has the owner’s old id', async () => {
    const path = join(folder, 'database.lock');
    const token = '00000000-0000-4000-8000-000000000000';
    await writeFile(path, JSON.stringify({ pid: process.ppid, startTicks: '1', token }));
    const lock = await acquireLock(path);
    expect(JSON.parse(await readFile(path, 'utf8')).pid).toBe(process.pid);
    await lock.release();
  });

  it('is refused where a newer Farebox has been', async () => {
    await fillWithDatabase(folder);
    const database = await openDatabase({ dataDir: folder });
    await database.queries.execute(
      `insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', 9999999999999)`,
    );
    await database.close();
    await expect(openDatabase({ dataDir: folder })).rejects.toMatchObject({ code: 'store/newer-version' });
  });

  it('keeps its keys: mode 600, the same at every start, never replaced', async () => {
    const first = await openKeys(folder);
    const again = await openKeys(folder);
    expect(again.agency.publicKey).toEqual(first.agency.publicKey);
    expect(again.provider.kid).toBe(first.provider.kid);
    expect(again.provider.kid).not.toBe(again.agency.kid);
    for (const name of ['agency', 'provider', 'storage']) {
      expect((await stat(join(folder, 'keys', `${name}.json`))).mode & 0o777).toBe(0o600);
    }
    await writeFile(join(folder, 'keys/agency.json'), '{}');
    await expect(openKeys(folder)).rejects.toMatchObject({ code: 'server/internal' });
    expect(await readFile(join(folder, 'keys/agency.json'), 'utf8')).toBe('{}');
  });

  it('has the same keys for two processes that start at once', async () => {
    const opened = await Promise.all(Array.from({ length: 5 }, () => openKeys(folder)));
    expect(new Set(opened.map(({ agency }) => agency.kid)).size).toBe(1);
  });
});
