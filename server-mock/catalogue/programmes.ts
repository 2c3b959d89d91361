// Reads the catalogue for the provider's own parties: the list for the screens, one programme for its page and its
// grants. Read only; direct-registry.ts writes.

import { asc, desc, eq, sql } from 'drizzle-orm';
import { FareboxError } from '../../src/protocol/errors.ts';
import { type ContentHash, decodeContentHash, decodeProgrammeId, type ProgrammeId } from '../../src/protocol/ids.ts';
import type { Queries } from '../db/open.ts';
import { liveProgrammes, programmeFiles, programmes } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { ProgrammeSequence, ProgrammeSummary } from './registry.ts';

/** What a grant and the programme's page are made from. */
export type StoredProgramme = {
  readonly id: ProgrammeId;
  readonly title: string;
  /** COSE bytes. */
  readonly programmeBytes: Uint8Array;
  readonly programmeHash: ContentHash;
  readonly manifestHash: ContentHash;
  readonly sequence: ProgrammeSequence;
  /** Sealed under the storage key, see seed-wrap.ts. */
  readonly wrappedSeed: Uint8Array;
  readonly frameCount: number;
  readonly currency: string;
  readonly priceMinor: number;
};

/** All programmes, those that are live now before the others, newest first, at most `SERVER_LIMITS.catalogueProgrammes`. */
export async function listProgrammes(queries: Queries): Promise<readonly ProgrammeSummary[]> {
  const rows = await queries
    .select({
      id: programmes.id,
      title: programmes.title,
      durationMs: programmes.durationMs,
      frameCount: programmes.frameCount,
      frameDurationMs: programmes.frameDurationMs,
      currency: programmes.currency,
      priceMinor: programmes.priceMinor,
      posterHash: programmes.posterHash,
      rungs: programmes.rungs,
      modes: programmes.modes,
      publishedTime: programmes.publishedTime,
      offlineMs: programmes.offlineMs,
      live: {
        startTime: liveProgrammes.startTime,
        windowFrames: liveProgrammes.windowFrames,
        edge: liveProgrammes.edge,
        ended: liveProgrammes.ended,
      },
      sizeBytes: sql<string>`coalesce((select sum(${programmeFiles.sizeBytes}) from ${programmeFiles} where ${programmeFiles.programmeId} = ${programmes.id}), 0)`,
    })
    .from(programmes)
    .leftJoin(liveProgrammes, eq(liveProgrammes.programmeId, programmes.id))
    .orderBy(asc(sql`coalesce(${liveProgrammes.ended}, true)`), desc(programmes.publishedTime), programmes.id)
    .limit(SERVER_LIMITS.catalogueProgrammes);
  return rows.map((row) => ({
    ...row,
    id: decodeProgrammeId(row.id, 'server/internal'),
    posterHash: decodeContentHash(row.posterHash, 'server/internal'),
    sizeBytes: Number(row.sizeBytes),
  }));
}

/** One programme. @throws FareboxError `programme/unknown`. */
export async function findProgramme(queries: Queries, id: ProgrammeId): Promise<StoredProgramme> {
  const [row] = await queries.select().from(programmes).where(eq(programmes.id, id));
  if (row === undefined) throw new FareboxError('programme/unknown');
  return {
    id,
    title: row.title,
    programmeBytes: row.programmeBytes,
    programmeHash: decodeContentHash(row.programmeHash, 'server/internal'),
    manifestHash: decodeContentHash(row.manifestHash, 'server/internal'),
    sequence: row.sequence,
    wrappedSeed: row.wrappedSeed,
    frameCount: row.frameCount,
    currency: row.currency,
    priceMinor: row.priceMinor,
  };
}
