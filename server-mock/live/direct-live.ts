// Live programmes on the database itself. An update is taken only where this provider signed it, it goes on from the one before, its
// files are stored and every commitment fits the seed: what a terminal would refuse is never published.

import { eq, isNotNull, sql } from 'drizzle-orm';
import { equalBytes } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { hashObject, type ProgrammeId } from '../../src/protocol/ids.ts';
import { NO_UPDATE, type VerifiedLiveUpdate, verifyLiveUpdate } from '../../src/protocol/live-update.ts';
import { COMMITMENT_LENGTH_BYTES } from '../../src/protocol/manifest.ts';
import { commitFrameKey } from '../../src/protocol/parts.ts';
import { sequenceFunction } from '../../src/protocol/sequence/sequence.ts';
import { CATALOGUE_LOCK } from '../catalogue/direct-registry.ts';
import { findProgramme, type StoredProgramme } from '../catalogue/programmes.ts';
import { openSeed } from '../catalogue/seed-wrap.ts';
import type { Queries } from '../db/open.ts';
import { liveProgrammes, liveUpdates, programmeFiles } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import { findUpdate, liveStateOf, lockLive } from './read-live.ts';
import type { LiveNews, LiveRegistry, StoredLive } from './registry.ts';

/** Live programmes of an opened provider. */
export function directLive(provider: Provider): LiveRegistry {
  const { database } = provider;
  return Object.freeze({
    find: (id: ProgrammeId) => findLive(database.queries, id),
    reserve: (id: ProgrammeId, from: number, to: number) =>
      database.transaction(async (tx) => {
        const { reservedTo, edge, ended } = await lockLive(tx, id, 'update');
        const { frameCount } = await findProgramme(tx, id);
        if (ended) throw new FareboxError('live/ended');
        const mayHold = Math.min(frameCount, Math.max(edge, from) + SERVER_LIMITS.liveReserveFrames);
        if (from >= to || to > mayHold) throw new FareboxError('request/malformed', { from, to });
        if (from < reservedTo) throw new FareboxError('live/taken', { reservedTo });
        await tx.update(liveProgrammes).set({ reservedTo: to }).where(eq(liveProgrammes.programmeId, id));
      }),
    publish: async (id: ProgrammeId, news: LiveNews) => {
      const { suite, certificate } = provider;
      const update = await verifyLiveUpdate({ bytes: news.update, certificate, suite });
      if (update.programme !== id) throw new FareboxError('live/malformed', { claim: 'programme' });
      await checkCommitments(provider, await findProgramme(database.queries, id), update);
      await database.transaction((tx) => publishUpdate(provider, tx, update, news));
    },
  } satisfies LiveRegistry);
}

async function findLive(queries: Queries, id: ProgrammeId): Promise<StoredLive> {
  const { title, manifestHash, sequence, frameCount, wrappedSeed } = await findProgramme(queries, id);
  const { startTime, reservedTo, edge, nextNumber, ended } = await liveStateOf(queries, id);
  const newest = nextNumber === 0 ? null : await findUpdate(queries, id, nextNumber - 1);
  const previous = newest === null ? NO_UPDATE : hashObject(newest);
  const begun = { id, title, manifestHash, sequence, frameCount, startTime, wrappedSeed };
  return { ...begun, reservedTo, edge, nextNumber, previous, ended };
}

async function checkCommitments(
  provider: Provider,
  stored: StoredProgramme,
  { programme, from, to, commitments }: VerifiedLiveUpdate,
): Promise<void> {
  const { suite, keys } = provider;
  const seed = await openSeed({ suite, storageKey: keys.storageKey }, stored.id, stored.wrappedSeed);
  const { keyAt } = sequenceFunction(stored.sequence);
  for (let frame = from; frame < to; frame += 1) {
    const at = (frame - from) * COMMITMENT_LENGTH_BYTES;
    const frameKey = keyAt(seed, frame);
    const fits = equalBytes(
      commitFrameKey(programme, frame, frameKey),
      commitments.subarray(at, at + COMMITMENT_LENGTH_BYTES),
    );
    frameKey.fill(0);
    if (!fits) throw new FareboxError('live/malformed', { claim: 'commitments' });
  }
  seed.fill(0);
}

async function publishUpdate(
  { content }: Provider,
  tx: Queries,
  update: VerifiedLiveUpdate,
  { files }: LiveNews,
): Promise<void> {
  const { programme, number, previous, from, to, ended, bytes } = update;
  await tx.execute(sql`select pg_advisory_xact_lock(${CATALOGUE_LOCK})`);
  const state = await lockLive(tx, programme, 'update');
  if (number < state.nextNumber) {
    const known = await findUpdate(tx, programme, number);
    if (known !== null && equalBytes(known, bytes)) return;
    throw new FareboxError('live/taken', { number });
  }
  if (state.ended) throw new FareboxError('live/ended');
  if (number > state.nextNumber) throw new FareboxError('live/gap', { number: state.nextNumber });
  const before = number === 0 ? null : await findUpdate(tx, programme, number - 1);
  const goesOn = previous === (before === null ? NO_UPDATE : hashObject(before));
  if (!goesOn || from !== state.edge || to > state.reservedTo) throw new FareboxError('live/taken', { number });
  const sizes = new Map(files.map(({ hash, sizeBytes }) => [hash, sizeBytes]));
  for (const segment of [...update.segments.values()].flat()) {
    if (segment === null) continue;
    const isStored = (await content.sizeOf(segment.hash)) === segment.sizeBytes;
    if (!isStored || sizes.get(segment.hash) !== segment.sizeBytes) {
      throw new FareboxError('publish/failed', { file: segment.hash });
    }
  }
  await listFiles(tx, update);
  await tx.insert(liveUpdates).values({ programmeId: programme, number, update: bytes });
  const next = { edge: to, nextNumber: number + 1, ended };
  await tx.update(liveProgrammes).set(next).where(eq(liveProgrammes.programmeId, programme));
}

/** Lists each file with the last frame that names it. What the programme needs to its end stays so, whatever a frame names. */
async function listFiles(tx: Queries, { programme, from, segments }: VerifiedLiveUpdate): Promise<void> {
  const rows = new Map<string, typeof programmeFiles.$inferInsert>();
  for (const added of segments.values()) {
    for (const [at, segment] of added.entries()) {
      if (segment === null) continue;
      const frame = Math.max(from + at, rows.get(segment.hash)?.frame ?? 0);
      rows.set(segment.hash, { programmeId: programme, ...segment, frame });
    }
  }
  if (rows.size === 0) return;
  await tx
    .insert(programmeFiles)
    .values([...rows.values()])
    .onConflictDoUpdate({
      target: [programmeFiles.programmeId, programmeFiles.hash],
      set: { frame: sql`greatest(${programmeFiles.frame}, excluded.frame)` },
      setWhere: isNotNull(programmeFiles.frame),
    });
}
