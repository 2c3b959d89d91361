import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { fromHex, toHex } from '../../src/protocol/bytes.ts';
import { verifyCertificate } from '../../src/protocol/certificate.ts';
import { verifyChallengeResponse } from '../../src/protocol/challenge.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { runCli } from '../cli.ts';
import type { ProviderConfig } from '../config.ts';
import { startProvider } from '../server.ts';
import {
  askStanding,
  beginEpoch,
  cloneTestModule,
  enrolTestModule,
  grow,
  placeOf,
  type TestModule,
} from '../testing/module.ts';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { makeTestFolderWithDatabase, openTestProvider, testConfig } from '../testing/test-provider.ts';

type Outcome = { readonly code: number; readonly out: string; readonly err: string };

async function run(...argv: string[]): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    signal: new AbortController().signal,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('farebox modules', () => {
  let folder: string;
  let database: TestDatabase;
  let config: ProviderConfig;
  let module: TestModule;
  let copy: TestModule;
  let agencyKey: Uint8Array;
  let providerId: Parameters<typeof verifyChallengeResponse>[0]['provider'];
  beforeAll(async () => {
    folder = await makeTestFolderWithDatabase();
    database = await makeTestDatabase();
    config = testConfig(folder, database.url === undefined ? {} : { databaseUrl: database.url });
    vi.stubEnv('FAREBOX_DATA', folder);
    if (database.url !== undefined) vi.stubEnv('DATABASE_URL', database.url);
    const at = await openTestProvider(config);
    module = await enrolTestModule(at);
    copy = cloneTestModule(module);
    grow(module, 10);
    await askStanding(at, module);
    await askStanding(at, copy);
    agencyKey = at.provider.keys.agency.publicKey;
    providerId = at.provider.id;
    await beginEpoch(at, module);
    await at.close();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    [['modules'], 2],
    [['modules', 'list', '--help'], 0],
    [['modules', 'show', '--help'], 0],
    [['modules', 'trust', '--help'], 0],
    [['modules', 'distrust', '--help'], 0],
    [['modules', 'list', 'more'], 2],
    [['modules', 'show'], 2],
    [['modules', 'show', 'XYZ'], 2],
    [['modules', 'trust'], 2],
    [['modules', 'distrust', 'XYZ'], 2],
  ])('ends %j with exit code %i and a usage', async (argv, code) => {
    const outcome = await run(...argv);
    expect(outcome.code).toBe(code);
    expect(code === 0 ? outcome.out : outcome.err).toContain('Usage: farebox');
  });

  /** What every way to the database has to show. */
  const look = async (): Promise<void> => {
    const listed = JSON.parse((await run('modules', 'list', '--json')).out);
    expect(listed.modules).toMatchObject([{ id: module.id, trusted: true, epoch: 2, lastCounter: 0, alarmCount: 1 }]);
    expect((await run('modules', 'list')).out).toContain(module.id);
    const shown = JSON.parse((await run('modules', 'show', module.id, '--json')).out);
    expect(shown.module).toMatchObject({
      id: module.id,
      epoch: 2,
      device: toHex(module.device),
      pastEpochs: [{ epoch: 1, device: toHex(copy.device), lastCounter: 11 }],
      alarms: [{ kind: 'regress', source: 'contact', shownCounter: 1, expectedCounter: 11 }],
    });
    expect((await run('modules', 'show', module.id)).out).toMatch(/regress +by a contact/);
  };

  it('BT-2: shows modules, their epochs and alarms, from the folder itself', look);

  it('BT-2: writes evidence that anyone can check with the agency’s key', async () => {
    const evidence = join(folder, 'evidence');
    const outcome = await run('modules', 'show', module.id, '--evidence', evidence, '--json');
    const { evidenceFiles } = z.object({ evidenceFiles: z.array(z.string()) }).parse(JSON.parse(outcome.out));
    const bytesOf = async (what: string): Promise<Uint8Array> => {
      const file = evidenceFiles.find((name) => name.endsWith(`${what}.hex`)) ?? '';
      return fromHex((await readFile(file, 'utf8')).trim());
    };
    expect(evidenceFiles).toHaveLength(3);
    const certificate = await verifyCertificate({
      bytes: await bytesOf('certificate'),
      agencyKey,
      role: 'module',
      now: Date.UTC(2026, 0, 1),
      suite,
    });
    const believe = async (what: string) =>
      verifyChallengeResponse({ bytes: await bytesOf(what), module: certificate, provider: providerId, suite });
    expect(await believe('refused-contact')).toMatchObject({ counter: 1, head: placeOf(copy).head });
    expect(await believe('expected')).toMatchObject({ counter: 11 });
  });

  it('says where the evidence cannot be written', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const outcome = await run('modules', 'show', module.id, '--evidence', join(file, 'in'), '--json');
    expect([outcome.code, JSON.parse(outcome.out).error.code]).toEqual([1, 'server/no-permission']);
  });

  it('says that it knows no such module', async () => {
    const outcome = await run('modules', 'show', '0'.repeat(32), '--json');
    expect([outcome.code, JSON.parse(outcome.out).error.code]).toEqual([1, 'module/unknown']);
  });

  it('BT-2: shows the same, and takes trust away and gives it back, while the server runs', async () => {
    for (const dir of [config.terminalDir, config.moduleDir]) {
      await mkdir(dir, { recursive: true });
      await writeFile(join(dir, 'index.html'), '');
    }
    const running = await startProvider(config);
    try {
      await look();
      const trusted = async (): Promise<boolean> =>
        JSON.parse((await run('modules', 'show', module.id, '--json')).out).module.trusted;
      expect((await run('modules', 'distrust', module.id)).out).toBe(`${module.id} is not trusted any more.`);
      expect(await trusted()).toBe(false);
      expect((await run('modules', 'distrust', module.id)).code).toBe(0);
      expect(JSON.parse((await run('modules', 'trust', module.id, '--json')).out)).toEqual({
        module: module.id,
        trusted: true,
      });
      expect(await trusted()).toBe(true);
      expect((await run('modules', 'show', '0'.repeat(32), '--json')).out).toContain('module/unknown');
    } finally {
      await running.stop();
    }
  });
});
