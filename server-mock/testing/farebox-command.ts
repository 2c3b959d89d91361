// The command line as tests call it, without a process of its own, over a data folder that a server could be started on.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { runCli } from '../cli.ts';
import type { ProviderConfig } from '../config.ts';
import { makeTestDatabase, type TestDatabase } from './test-database.ts';
import { makeTestFolderWithDatabase, testConfig } from './test-provider.ts';

/** What a command ended with; lines joined. */
export type Outcome = { readonly code: number; readonly out: string; readonly err: string };

/** Runs `farebox` with these arguments. */
export async function runFarebox(...argv: string[]): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const { signal } = new AbortController();
  const code = await runCli(argv, { out: (line) => out.push(line), err: (line) => err.push(line), signal });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** A data folder that the environment names, its database, and the configuration that both make; the pages are there and empty. */
export async function makeFareboxFolder(): Promise<{
  readonly folder: string;
  readonly database: TestDatabase;
  readonly config: ProviderConfig;
}> {
  const folder = await makeTestFolderWithDatabase();
  const database = await makeTestDatabase();
  vi.stubEnv('FAREBOX_DATA', folder);
  if (database.url !== undefined) vi.stubEnv('DATABASE_URL', database.url);
  const config = testConfig(folder, database.url === undefined ? {} : { databaseUrl: database.url });
  for (const dir of [config.terminalDir, config.moduleDir]) {
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'index.html'), '');
  }
  return { folder, database, config };
}
