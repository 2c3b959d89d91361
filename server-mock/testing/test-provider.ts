// A real provider for tests: a database of its own, keys, content and both apps, without a socket. The clock is the test's.
// Nothing here weakens a check.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { z } from 'zod';
import type { ProviderConfig } from '../config.ts';
import { moduleApp, terminalApp } from '../http/apps.ts';
import type { ServerEnvironment } from '../http/environment.ts';
import { makeLogger } from '../http/log.ts';
import type { StaticSite } from '../http/static-site.ts';
import { openProvider, type Provider } from '../provider.ts';
import { fillWithDatabase } from './template-folder.ts';
import { makeTestDatabase } from './test-database.ts';

/** Origins of the test provider. */
export const TEST_ORIGINS = Object.freeze({ terminal: 'http://localhost:4173', module: 'http://localhost:4174' });

/** When the test's clock starts: 2026-01-01. */
export const TEST_START = Date.UTC(2026, 0, 1);

/** An origin that is asked without a socket. */
export type TestOrigin = {
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
};

/** A provider and the ways to it. */
export type TestProvider = {
  readonly provider: Provider;
  readonly terminal: TestOrigin;
  readonly module: TestOrigin;
  /** The clock; a test moves it. */
  readonly clock: { now: number };
  /** POST with an idempotency key, a new one unless told. */
  readonly post: (path: string, body: unknown, idempotencyKey?: string) => Promise<Response>;
  /** Closes the database and deletes the folder. */
  readonly close: () => Promise<void>;
};

/** What a folder's provider is configured with in tests. */
export function testConfig(dataDir: string, overrides: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    dataDir,
    host: '127.0.0.1',
    port: 0,
    modulePort: 0,
    terminalDir: join(dataDir, 'dist/terminal'),
    moduleDir: join(dataDir, 'dist/module'),
    currency: 'EUR',
    startingCreditMinor: 200_000n,
    embedders: [],
    rateFactor: 1_000,
    logLevel: 'silent',
    ...overrides,
  };
}

/** A new folder for one test file. */
export function makeTestFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'farebox-test-'));
}

/** A new folder with a new database in it. */
export async function makeTestFolderWithDatabase(): Promise<string> {
  const folder = await makeTestFolder();
  await fillWithDatabase(folder);
  return folder;
}

/** Opens a provider in a new folder. */
export async function openTestProvider(
  overrides: Partial<ProviderConfig> = {},
  site: StaticSite = new Map(),
): Promise<TestProvider> {
  const clock = { now: TEST_START };
  const database = await makeTestDatabase();
  const ownDatabase = database.url === undefined && overrides.dataDir === undefined;
  const dataDir = await (ownDatabase ? makeTestFolderWithDatabase() : makeTestFolder());
  const config = testConfig(
    dataDir,
    database.url === undefined ? overrides : { databaseUrl: database.url, ...overrides },
  );
  const provider = await openProvider(config, { clock: () => clock.now });
  const parts = { provider, origins: TEST_ORIGINS, log: makeLogger('silent'), site };
  const terminal = originOf(terminalApp(parts));
  return {
    provider,
    terminal,
    module: originOf(moduleApp(parts)),
    clock,
    post: async (path, body, idempotencyKey = crypto.randomUUID()) =>
      terminal.request(`/api/v1${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
        body: JSON.stringify(body),
      }),
    close: async () => {
      await provider.database.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function originOf(app: Hono<ServerEnvironment>): TestOrigin {
  return { request: async (path, init) => app.request(path, init, {}) };
}

const refusedSchema = z.object({ error: z.object({ code: z.string() }) });

/** Code of a refusal; fails on an answer that is none. */
export async function codeOfResponse(response: Response): Promise<string> {
  return refusedSchema.parse(await response.json()).error.code;
}
