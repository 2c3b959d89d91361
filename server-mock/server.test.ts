import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRegistry, openRegistryInTurn } from './admin/open-registry.ts';
import type { ProviderConfig } from './config.ts';
import { startProvider } from './server.ts';
import { makeTestProgramme } from './testing/test-programme.ts';
import { makeTestFolderWithDatabase, testConfig } from './testing/test-provider.ts';

describe('the running provider', () => {
  let folder: string;
  let config: ProviderConfig;
  beforeEach(async () => {
    folder = await makeTestFolderWithDatabase();
    config = testConfig(folder);
    await mkdir(config.terminalDir, { recursive: true });
    await mkdir(config.moduleDir, { recursive: true });
    await writeFile(join(config.terminalDir, 'index.html'), '%FAREBOX_MODULE_ORIGIN%');
    await writeFile(join(config.moduleDir, 'index.html'), '%FAREBOX_TERMINAL_ORIGIN% %FAREBOX_AGENCY_KEY%');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('CARD-2: serves two origins that name each other, and the interface on the terminal’s only', async () => {
    const running = await startProvider(config);
    try {
      expect(await (await fetch(running.terminalUrl)).text()).toBe(running.moduleUrl);
      const [terminal, agencyKey] = (await (await fetch(running.moduleUrl)).text()).split(' ');
      expect(terminal).toBe(running.terminalUrl);
      expect(agencyKey).toMatch(/^[\w-]{43}$/);
      expect((await fetch(`${running.terminalUrl}/api/v1/catalogue`)).status).toBe(200);
      expect((await fetch(`${running.moduleUrl}/api/v1/catalogue`)).status).toBe(404);
      expect((await fetch(`${running.terminalUrl}/admin/v1/programmes`)).status).not.toBe(401);
    } finally {
      await running.stop();
    }
  });

  it('lets the command line publish, list and remove while it runs, and after it stopped', async () => {
    const running = await startProvider(config);
    const programme = await makeTestProgramme(running.provider, { title: 'Beside' });
    const beside = await openRegistry(config);
    await beside.registry.add(programme);
    expect((await beside.registry.list()).map(({ title }) => title)).toEqual(['Beside']);
    expect((await running.registry.list()).map(({ title }) => title)).toEqual(['Beside']);
    await expect(beside.registry.add({ ...programme, title: 'Other' })).rejects.toMatchObject({
      code: 'publish/failed',
    });
    await beside.close();
    await running.stop();
    await expect(stat(join(folder, 'admin.json'))).rejects.toThrow('ENOENT');

    const alone = await openRegistry(config);
    expect((await alone.registry.list()).map(({ title }) => title)).toEqual(['Beside']);
    await alone.registry.remove(programme.id);
    expect(await alone.registry.list()).toEqual([]);
    await alone.close();
  });

  it('lets whoever has published wait for its turn while another process has the database', async () => {
    const first = await openRegistry(config);
    await expect(openRegistry(config)).rejects.toMatchObject({ code: 'server/locked' });
    const second = openRegistryInTurn(config);
    await first.close();
    const { registry, close } = await second;
    expect(await registry.list()).toEqual([]);
    await close();
  });

  it('stops with a connection open, frees the folder and can be started again', async () => {
    const first = await startProvider(config);
    await (await fetch(first.terminalUrl)).text();
    await Promise.all([first.stop(), first.stop()]);
    await expect(fetch(first.terminalUrl)).rejects.toThrow();
    await (await startProvider(config)).stop();
  });

  it('names the port that is in use and leaves nothing open', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    await expect(startProvider({ ...config, modulePort: port })).rejects.toMatchObject({
      code: 'server/port-in-use',
      detail: { port },
    });
    other.close();
    await (await startProvider(config)).stop();
  });

  it('says where the pages are not built', async () => {
    await rm(config.moduleDir, { recursive: true });
    await expect(startProvider(config)).rejects.toMatchObject({ code: 'server/not-built' });
  });
});
