// The database that tests start from: made once a run, by the product's own way of opening an empty folder, and copied into the folder of
// each test. Making one anew takes seconds of a core, a copy a twentieth of one. vitest.config.ts has it give the run a place.
// It must never outlive a run or its migrations: what is copied is what this build makes of an empty folder.

import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../db/open.ts';

const MIGRATIONS = join(import.meta.dirname, '../db/migrations');

/** Names the folder of a run's templates in the environment of its workers and of the processes that they start. */
const TEMPLATES_VARIABLE = 'FAREBOX_TEST_TEMPLATES';

/** Before all tests, once for each project of vitest.config.ts: a place for this run's template, filled by the first test that needs it. */
export async function setup(): Promise<void> {
  process.env[TEMPLATES_VARIABLE] ??= await mkdtemp(join(tmpdir(), 'farebox-templates-'));
}

/** After all tests: takes the place away. */
export async function teardown(): Promise<void> {
  const place = process.env[TEMPLATES_VARIABLE];
  if (place !== undefined) await rm(place, { recursive: true, force: true });
}

/**
 * Gives an empty folder the database that the product would make in it. Outside Vitest (a bench uses the same providers) the folder stays
 * empty, and the product makes the same by itself.
 */
export async function fillWithDatabase(folder: string): Promise<void> {
  const place = process.env[TEMPLATES_VARIABLE];
  if (place === undefined) return;
  const template = join(place, await hashOfMigrations());
  if (!(await exists(template))) await makeTemplate(place, template);
  // A thousand small files: the asynchronous copy takes six times the processor time of this one, and nobody else waits for this thread.
  cpSync(template, folder, { recursive: true });
}

/** Two test files that come here at once make one each; the first to finish is kept. */
async function makeTemplate(place: string, template: string): Promise<void> {
  const making = await mkdtemp(join(place, 'making-'));
  await (await openDatabase({ dataDir: making })).close();
  try {
    await rename(making, template);
  } catch (thrown) {
    if (!(await exists(template))) throw thrown;
    await rm(making, { recursive: true });
  }
}

/** Of every file of the migrations, by name, so that a change of them while Vitest watches is a new template. */
async function hashOfMigrations(): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(MIGRATIONS, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  for (const path of files.sort()) hash.update(JSON.stringify([path, await readFile(path, 'utf8')]));
  return hash.digest('hex');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
