// Deletes the files of live frames that nobody can ask for any more (docs/protocol.md §20). server.ts calls it at its start and now and
// then. Updates stay for good: with their hashes, sizes and commitments a claim or a wrong key is shown without the files.

import { and, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import { type ContentHash, decodeContentHash, decodeProgrammeId, type ProgrammeId } from '../../src/protocol/ids.ts';
import { firstInWindow } from '../../src/protocol/live-terms.ts';
import { CATALOGUE_LOCK, removeFiles } from '../catalogue/direct-registry.ts';
import type { Queries } from '../db/open.ts';
import { liveProgrammes, programmeFiles, sessions } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import { liveStateOf, lockLive } from './read-live.ts';

/** One round over every live programme; on return nothing is left to delete at this time. */
export async function clearWindows(provider: Provider): Promise<void> {
  const { database } = provider;
  const known = await database.queries.select({ id: liveProgrammes.programmeId }).from(liveProgrammes);
  for (const { id } of known) {
    const programme = decodeProgrammeId(id, 'server/internal');
    // Looked at before anything is locked: of most programmes there is nothing to delete.
    while ((await deletableFiles(provider, database.queries, programme)).length > 0) {
      await database.transaction((tx) => clearSome(provider, tx, programme));
    }
  }
}

/**
 * Files go inside the transaction, after the rows, as where a programme is removed: a kill in between brings the rows back, and the next
 * round finishes the work. Against a loss of power the folder is not flushed: a file may come back that nobody lists.
 */
async function clearSome(provider: Provider, tx: Queries, programme: ProgrammeId): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${CATALOGUE_LOCK})`);
  // Nobody is granted a frame meanwhile by an edge that is over: licences/sessions.ts shares this lock.
  await lockLive(tx, programme, 'update');
  const hashes = await deletableFiles(provider, tx, programme);
  if (hashes.length === 0) return;
  await tx
    .delete(programmeFiles)
    .where(and(eq(programmeFiles.programmeId, programme), inArray(programmeFiles.hash, [...hashes])));
  await removeFiles(provider, tx, hashes);
}

/** Some of the files that only frames before `keptFrom` need. */
async function deletableFiles(provider: Provider, queries: Queries, programme: ProgrammeId): Promise<ContentHash[]> {
  const keptFrom = await firstKeptFrame(provider, queries, programme);
  const rows = await queries
    .select({ hash: programmeFiles.hash })
    .from(programmeFiles)
    .where(and(eq(programmeFiles.programmeId, programme), lt(programmeFiles.frame, keptFrom)))
    .limit(SERVER_LIMITS.liveFilesCleared);
  return rows.map(({ hash }) => decodeContentHash(hash, 'server/internal'));
}

/** The first frame whose files stay: in the window or the margin behind it, or granted to somebody within the last hour. */
async function firstKeptFrame({ clock }: Provider, queries: Queries, programme: ProgrammeId): Promise<number> {
  const state = await liveStateOf(queries, programme);
  const inWindow = firstInWindow(state, state.edge) - SERVER_LIMITS.liveMarginFrames;
  const [granted] = await queries
    .select({ first: sql<number | null>`min((${sessions.ranges} -> 0 ->> 0)::integer)` })
    .from(sessions)
    .where(
      and(
        eq(sessions.programmeId, programme),
        eq(sessions.state, 'granted'),
        gt(sessions.createdTime, clock() - SERVER_LIMITS.liveFetchMs),
      ),
    );
  return Math.min(inWindow, granted?.first ?? inWindow);
}
