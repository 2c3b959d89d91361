// `farebox claims`: what was claimed and why it was paid or not, with a server running or without.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCli } from '../cli.ts';
import type { ProviderConfig } from '../config.ts';
import { startProvider } from '../server.ts';
import {
  beginContracted,
  bringClaim,
  claimFor,
  fetchFrame,
  PROMISED,
  pieceOf,
  settleContracted,
} from '../testing/contracted.ts';
import { enrolTestModule } from '../testing/module.ts';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { makeTestFolder, openTestProvider, testConfig } from '../testing/test-provider.ts';

async function run(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    signal: new AbortController().signal,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('farebox claims', () => {
  let folder: string;
  let database: TestDatabase;
  let config: ProviderConfig;
  let session: string;
  beforeAll(async () => {
    folder = await makeTestFolder();
    database = await makeTestDatabase();
    config = testConfig(folder, database.url === undefined ? {} : { databaseUrl: database.url });
    vi.stubEnv('FAREBOX_DATA', folder);
    if (database.url !== undefined) vi.stubEnv('DATABASE_URL', database.url);
    const at = await openTestProvider(config);
    const module = await enrolTestModule(at);
    const programme = await publishTestProgramme(at.provider, { contract: PROMISED, title: 'Tides' });
    const begun = await beginContracted(at, module, programme);
    session = begun.grant.session;
    await rm(at.provider.content.path(await pieceOf(at, programme, 2)));
    await fetchFrame(at, begun, 2);
    const delivery = { lostFrames: [[2, 4]] } as const;
    const file = await settleContracted(at, module, begun, { frames: [[0, 1]], delivery });
    await bringClaim(at, module, await claimFor(at, module, file));
    await at.close();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    [['claims'], 2],
    [['claims', 'list', '--help'], 0],
    [['claims', 'show', '--help'], 0],
    [['claims', 'list', 'more'], 2],
    [['claims', 'show'], 2],
    [['claims', 'show', 'XYZ'], 2],
  ])('ends %j with exit code %i and a usage', async (argv, code) => {
    const outcome = await run(...argv);
    expect(outcome.code).toBe(code);
    expect(outcome.out + outcome.err).toContain('Usage: farebox');
  });

  it('BT-9: lists and shows what was claimed, line by line, with the record, a server running or not', async () => {
    const shown = async () => ({
      list: await run('claims', 'list'),
      show: await run('claims', 'show', session),
      json: await run('claims', 'show', session, '--json'),
    });
    const alone = await shown();
    expect(alone.list.out).toMatch(new RegExp(`${session} .* part .* €0.0020 .* Tides`));
    expect(alone.show.out).toMatch(/lost +2 +not-delivered +€0.0020\nlost +3 +never-asked +€0.00/);
    expect(alone.show.out).toMatch(/404 +0 of 0/);
    const { claim } = JSON.parse(alone.json.out);
    expect(claim.answer.claims.lines).toEqual([
      ['lost', 2, 3, 'not-delivered', 20],
      ['lost', 3, 4, 'never-asked', 0],
    ]);
    for (const dir of [config.terminalDir, config.moduleDir]) {
      await mkdir(dir, { recursive: true });
      await writeFile(join(dir, 'index.html'), '');
    }
    const { stop } = await startProvider({ ...config, port: 0, modulePort: 0 });
    try {
      // A server that starts clears its record of what is long past, as it is on this test's clock; what was answered stays.
      const beside = await shown();
      expect(beside.list).toEqual(alone.list);
      expect(JSON.parse(beside.json.out).claim.answer).toEqual(claim.answer);
    } finally {
      await stop();
    }
  });

  it('says that a session was not claimed for', async () => {
    const outcome = await run('claims', 'show', '0'.repeat(32), '--json');
    expect([outcome.code, JSON.parse(outcome.out).error.code]).toEqual([1, 'claim/unknown']);
  });
});
