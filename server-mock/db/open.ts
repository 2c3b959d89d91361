// Opens the provider's database: PGlite in a folder by default, any Postgres by URL, both through Drizzle and both brought
// to the newest schema by the checked-in migrations. server.ts and cli.ts call it; nothing else opens a database.

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator';
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js';
import { migrate as migratePostgres } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { z } from 'zod';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ProviderConfig } from '../config.ts';
import { acquireLock } from './lock.ts';

/** What queries run on: the database itself or one transaction of it. */
export type Queries = PgDatabase<PgQueryResultHKT>;

/** An open database. */
export type Database = {
  readonly queries: Queries;
  /** Runs work in one transaction: all of it durable on return, or none of it where it throws. */
  readonly transaction: <T>(work: (tx: Queries) => Promise<T>) => Promise<T>;
  /** Finishes what runs and closes; the folder is free afterwards. */
  readonly close: () => Promise<void>;
};

const MIGRATIONS = join(import.meta.dirname, 'migrations');
/** Arbitrary, but the same in every process, so that two never migrate one Postgres at once. */
const MIGRATION_LOCK = 70_001;

/**
 * Opens and migrates.
 * @throws FareboxError `server/locked` where another process has the folder, `server/no-permission` where it cannot be
 * written, `store/newer-version` where a newer Farebox has been there.
 */
export function openDatabase(config: Pick<ProviderConfig, 'dataDir' | 'databaseUrl'>): Promise<Database> {
  return config.databaseUrl === undefined ? openFolder(config.dataDir) : openPostgres(config.databaseUrl);
}

async function openFolder(dataDir: string): Promise<Database> {
  try {
    await mkdir(dataDir, { recursive: true });
  } catch (cause) {
    throw new FareboxError('server/no-permission', { folder: dataDir }, { cause });
  }
  const lock = await acquireLock(join(dataDir, 'database.lock'));
  try {
    const engine = await PGlite.create(join(dataDir, 'database'));
    const queries = drizzlePglite(engine);
    await refuseNewer(queries);
    await migratePglite(queries, { migrationsFolder: MIGRATIONS });
    return Object.freeze({
      queries,
      transaction: <T>(work: (tx: Queries) => Promise<T>) => queries.transaction(work),
      close: async () => {
        await engine.close();
        await lock.release();
      },
    });
  } catch (cause) {
    await lock.release();
    throw cause;
  }
}

async function openPostgres(url: string): Promise<Database> {
  const silent = { onnotice: () => undefined };
  // One connection of its own: an advisory lock belongs to a connection.
  const migrating = postgres(url, { ...silent, max: 1 });
  try {
    const queries = drizzlePostgres(migrating);
    await queries.execute(sql`select pg_advisory_lock(${MIGRATION_LOCK})`);
    await refuseNewer(queries);
    await migratePostgres(queries, { migrationsFolder: MIGRATIONS });
  } finally {
    await migrating.end();
  }
  const client = postgres(url, silent);
  const queries = drizzlePostgres(client);
  return Object.freeze({
    queries,
    transaction: <T>(work: (tx: Queries) => Promise<T>) => queries.transaction(work),
    close: () => client.end(),
  });
}

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number() })) });

/** Stops where the newest applied migration is younger than any in this build: its tables mean what we do not know. */
async function refuseNewer(queries: Queries): Promise<void> {
  const journal = journalSchema.parse(JSON.parse(await readFile(join(MIGRATIONS, 'meta/_journal.json'), 'utf8')));
  const newestKnown = Math.max(...journal.entries.map((entry) => entry.when));
  const table = 'drizzle.__drizzle_migrations';
  const present = await countRows(queries, sql`select 1 where to_regclass(${table}) is not null`);
  if (present === 0) return;
  const newer = await countRows(
    queries,
    sql`select 1 from ${sql.raw(table)} where created_at > ${newestKnown}::bigint limit 1`,
  );
  if (newer > 0) throw new FareboxError('store/newer-version');
}

async function countRows(queries: Queries, query: ReturnType<typeof sql>): Promise<number> {
  const [row] = await queries.select({ rows: sql<number>`count(*)::int` }).from(sql`(${query}) as found`);
  return row?.rows ?? 0;
}
