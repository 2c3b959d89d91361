import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findWanted } from '../key-unit/policy.ts';
import { makeTestFolder } from '../testing/test-provider.ts';
import { keySets, keyUnits } from './key-schema.ts';
import { openDatabase } from './open.ts';
import { challenges, modules, receipts, sessions } from './schema.ts';

const MIGRATIONS = join(import.meta.dirname, 'migrations');
const journalSchema = z.looseObject({ entries: z.array(z.looseObject({ tag: z.string() })) });
const HASH = 'ab'.repeat(32);

describe('migrations', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await makeTestFolder();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A database as the build left it whose newest migration was the first `count`. */
  async function openOld(count: number): Promise<PGlite> {
    const old = join(folder, 'old-migrations');
    const journal = journalSchema.parse(JSON.parse(await readFile(join(MIGRATIONS, 'meta/_journal.json'), 'utf8')));
    const entries = journal.entries.slice(0, count);
    await mkdir(join(old, 'meta'), { recursive: true });
    await writeFile(join(old, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }));
    for (const { tag } of entries) await cp(join(MIGRATIONS, `${tag}.sql`), join(old, `${tag}.sql`));
    const engine = await PGlite.create(join(folder, 'database'));
    await migrate(drizzle(engine), { migrationsFolder: old });
    return engine;
  }

  it('BT-2: puts what was there before epochs into epoch 0, with a device of zeros, and loses nothing', async () => {
    const engine = await openOld(1);
    const module = '1'.repeat(32);
    const session = '2'.repeat(32);
    const zeros = (lengthBytes: number): Uint8Array => new Uint8Array(lengthBytes);
    await drizzle(engine).execute(sql`insert into modules values
      (${module}, ${zeros(32)}, ${zeros(32)}, ${zeros(9)}, 2000, 1000, 77, ${new Uint8Array(32).fill(5)})`);
    await drizzle(engine).execute(sql`insert into sessions values
      (${session}, ${module}, 'p', ${HASH}, '[[0, 3]]', 'EUR', 20, 60, 70, 1100, 5000, 'settled')`);
    await drizzle(engine).execute(sql`insert into receipts values
      (${HASH}, ${session}, ${module}, ${zeros(3)}, ${zeros(4)}, 1, 3, 60, 77, ${new Uint8Array(32).fill(5)}, 1200)`);
    await drizzle(engine).execute(sql`insert into challenges values ('c', 1, 2, null)`);
    await engine.close();

    const database = await openDatabase({ dataDir: folder });
    try {
      expect(await database.queries.select().from(modules)).toMatchObject([
        {
          id: module,
          epoch: 0,
          device: new Uint8Array(16),
          enrolledTime: 1000,
          epochTime: 1000,
          lastCounter: 77n,
          lastHead: new Uint8Array(32).fill(5),
          lastContact: null,
          lastContactTime: null,
        },
      ]);
      expect(await database.queries.select().from(sessions)).toMatchObject([{ epoch: 0, openedCounter: 70n }]);
      expect(await database.queries.select().from(receipts)).toMatchObject([{ epoch: 0, counter: 77n }]);
      expect(await database.queries.select().from(challenges)).toMatchObject([
        { moduleId: null, epoch: null, expectedCounter: 0n, expectedHead: new Uint8Array(32) },
      ]);
      // A place of the record may have several receipts: two copies of an epoch that is over may have ended two sessions there.
      const [begun] = await database.queries.select().from(sessions);
      const [kept] = await database.queries.select().from(receipts);
      if (begun === undefined || kept === undefined) throw new Error('a row is gone');
      const other = { receiptHash: 'cd'.repeat(32), sessionId: '3'.repeat(32), sequenceNumber: 2n };
      await database.queries.insert(sessions).values({ ...begun, id: other.sessionId });
      await database.queries.insert(receipts).values({ ...kept, ...other });
    } finally {
      await database.close();
    }
  });

  it('SD-1, MC-2: leaves sets and units from before agreements as they were: closed, without a policy, nothing wanted', async () => {
    const engine = await openOld(6);
    const [set, unit] = ['1'.repeat(32), '2'.repeat(32)];
    await drizzle(engine).execute(
      sql`insert into key_sets values (${set}, 'north', ${new Uint8Array(60)}, 1000, null)`,
    );
    await drizzle(engine).execute(sql`insert into key_units values (${unit}, ${set}, 1100)`);
    await engine.close();
    const database = await openDatabase({ dataDir: folder });
    try {
      const { queries } = database;
      const nothing = { openSize: null, rule: null, masterReference: null, changes: 0 };
      const [row] = await queries.select().from(keySets);
      expect(row).toMatchObject({ id: set, name: 'north', createdTime: 1000, retiredTime: null, ...nothing });
      expect(await queries.select().from(keyUnits)).toEqual([
        { unitId: unit, setId: set, addedTime: 1100, rule: null, changes: 0, transportDue: false },
      ]);
      if (row === undefined) throw new Error('a row is gone');
      expect([...(await findWanted(queries, row, [{ unitId: unit, rule: null }])).values()]).toEqual([null]);
    } finally {
      await database.close();
    }
  });
});
