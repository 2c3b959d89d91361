// The catalogue's port on the database itself: the running server's own, and the command line's while no server runs.
// It lists nothing that is not whole: files stored, programme signed by this provider, seed fitting the commitments.

import { eq, inArray, sql } from 'drizzle-orm';
import { FareboxError } from '../../src/protocol/errors.ts';
import { type ContentHash, decodeContentHash, hashObject, type ProgrammeId } from '../../src/protocol/ids.ts';
import type { VerifiedProgramme } from '../../src/protocol/programme.ts';
import type { Queries } from '../db/open.ts';
import { liveProgrammes, programmeFiles, programmes } from '../db/schema.ts';
import type { Provider } from '../provider.ts';
import { checkPublished } from './check-published.ts';
import { listProgrammes } from './programmes.ts';
import type { ProgrammeRegistry, PublishedProgramme } from './registry.ts';
import { sealSeed } from './seed-wrap.ts';

/** Arbitrary number of the advisory lock that keeps publishing and removing apart: a file must not go while it is being listed. */
export const CATALOGUE_LOCK = 70_002;
/** Rows of one insert: the wire protocol counts parameters in 16 bits, and a row has three. */
const ROWS_AT_ONCE = 5_000;

/** Registry of an opened provider. */
export function directRegistry(provider: Provider): ProgrammeRegistry {
  const { database } = provider;
  return Object.freeze({
    add: async (programme: PublishedProgramme) => {
      const signed = await checkPublished(provider, programme);
      await database.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(${CATALOGUE_LOCK})`);
        for (const file of programme.files) {
          if ((await provider.content.sizeOf(file.hash)) !== file.sizeBytes) {
            throw new FareboxError('publish/failed', { file: file.hash });
          }
        }
        await insertProgramme(provider, tx, programme, signed);
      });
    },
    list: () => listProgrammes(database.queries),
    remove: (id: ProgrammeId) => database.transaction((tx) => removeProgramme(provider, tx, id)),
    removeUnlisted: (hashes: readonly ContentHash[]) =>
      database.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(${CATALOGUE_LOCK})`);
        await removeFiles(provider, tx, hashes);
      }),
  } satisfies ProgrammeRegistry);
}

async function insertProgramme(
  provider: Provider,
  tx: Queries,
  programme: PublishedProgramme,
  { live, offlineMs }: Pick<VerifiedProgramme, 'live' | 'offlineMs'>,
): Promise<void> {
  const { files, seed, ...described } = programme;
  const wrap = { suite: provider.suite, storageKey: provider.keys.storageKey };
  const programmeHash = hashObject(programme.programmeBytes);
  const inserted = await tx
    .insert(programmes)
    .values({
      ...described,
      rungs: [...programme.rungs],
      modes: [...programme.modes],
      offlineMs,
      programmeHash,
      wrappedSeed: await sealSeed(wrap, provider.random, programme.id, seed),
      publishedTime: provider.clock(),
    })
    .onConflictDoNothing()
    .returning({ id: programmes.id });
  if (inserted.length === 0) {
    const [known] = await tx.select().from(programmes).where(eq(programmes.id, programme.id));
    if (known?.programmeHash === programmeHash) return;
    throw new FareboxError('publish/exists', { programme: programme.id });
  }
  if (live !== null) await tx.insert(liveProgrammes).values({ programmeId: programme.id, ...live });
  const sizes = new Map(files.map((file) => [file.hash, file.sizeBytes]));
  const rows = Array.from(sizes, ([hash, sizeBytes]) => ({ programmeId: programme.id, hash, sizeBytes }));
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    await tx.insert(programmeFiles).values(rows.slice(at, at + ROWS_AT_ONCE));
  }
}

/**
 * Files go inside the transaction, after the rows: a crash in between brings the rows back without some files, and
 * removing again finishes the work; the other order would leave files nobody knows.
 */
async function removeProgramme(provider: Provider, tx: Queries, id: ProgrammeId): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${CATALOGUE_LOCK})`);
  const files = await tx
    .select({ hash: programmeFiles.hash })
    .from(programmeFiles)
    .where(eq(programmeFiles.programmeId, id));
  const removed = await tx.delete(programmes).where(eq(programmes.id, id)).returning({ id: programmes.id });
  if (removed.length === 0) throw new FareboxError('programme/unknown');
  const hashes = files.map((file) => decodeContentHash(file.hash, 'server/internal'));
  await removeFiles(provider, tx, hashes);
}

/** Deletes the files that no programme lists; the caller has the catalogue's lock, and has taken its own rows away before. */
export async function removeFiles(provider: Provider, tx: Queries, hashes: readonly ContentHash[]): Promise<void> {
  for (let at = 0; at < hashes.length; at += ROWS_AT_ONCE) {
    const some = hashes.slice(at, at + ROWS_AT_ONCE);
    const needed = await tx
      .selectDistinct({ hash: programmeFiles.hash })
      .from(programmeFiles)
      .where(inArray(programmeFiles.hash, some));
    const kept = new Set(needed.map((row) => row.hash));
    for (const hash of some) {
      if (!kept.has(hash)) await provider.content.remove(hash);
    }
  }
}
