// The catalogue's port as JSON, for the admin interface: the running server decodes with these what admin/admin-registry.ts
// sends, and the other way round. Bytes are base64url. Nothing else may come in through there.

import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { decodeContentHash, decodeProgrammeId } from '../../src/protocol/ids.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { OUTPUT_MODES } from '../../src/protocol/programme.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { ProgrammeSummary, PublishedProgramme } from './registry.ts';

const id = z.string().regex(/^[0-9a-f]{32}$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const base64Url = z.string().regex(/^[\w-]*$/);
const count = z.number().int().nonnegative();

const described = {
  id,
  title: z.string().min(1).max(LIMITS.titleLength),
  frameCount: count.min(1).max(2 ** 31 - 1),
  frameDurationMs: count.min(LIMITS.frameDurationMinMs).max(LIMITS.frameDurationMaxMs),
  durationMs: count.max(Number.MAX_SAFE_INTEGER),
  currency: z.string().regex(/^[A-Z]{3}$/),
  priceMinor: count.max(2 ** 31 - 1),
  posterHash: hash,
  rungs: z.array(z.string().min(1).max(LIMITS.labelLength)).max(LIMITS.parts),
  modes: z.array(z.enum(OUTPUT_MODES)).min(1).max(OUTPUT_MODES.length),
};

/** A programme to publish. */
export const publishedProgrammeSchema = z.strictObject({
  ...described,
  programmeBytes: base64Url,
  manifestHash: hash,
  sequence: z.enum(['tree', 'hkdf']),
  seed: z.string().regex(/^[\w-]{43}$/),
  files: z.array(z.strictObject({ hash, sizeBytes: count })).max(SERVER_LIMITS.filesPerProgramme),
});

/** Content files to delete where no programme lists them. */
export const unlistedSchema = z.strictObject({ hashes: z.array(hash).max(SERVER_LIMITS.sharedFilesPerProgramme) });

const live = z.strictObject({
  startTime: count,
  windowFrames: count.min(1),
  edge: count,
  ended: z.boolean(),
});

/** The list of programmes. */
export const summariesSchema = z.strictObject({
  programmes: z.array(
    z.strictObject({
      ...described,
      live: live.nullable(),
      offlineMs: count.nullable(),
      sizeBytes: count,
      publishedTime: count,
    }),
  ),
});

/** JSON form of a programme to publish. */
export function publishedToJson(programme: PublishedProgramme): z.infer<typeof publishedProgrammeSchema> {
  return {
    ...programme,
    rungs: [...programme.rungs],
    modes: [...programme.modes],
    programmeBytes: toBase64Url(programme.programmeBytes),
    seed: toBase64Url(programme.seed),
    files: programme.files.map((file) => ({ ...file })),
  };
}

/** A programme to publish from its decoded JSON. @throws FareboxError `request/malformed`. */
export function publishedFromJson(json: z.infer<typeof publishedProgrammeSchema>): PublishedProgramme {
  return {
    ...json,
    id: decodeProgrammeId(json.id),
    posterHash: decodeContentHash(json.posterHash),
    manifestHash: decodeContentHash(json.manifestHash),
    programmeBytes: fromBase64Url(json.programmeBytes),
    seed: fromBase64Url(json.seed),
    files: json.files.map((file) => ({ hash: decodeContentHash(file.hash), sizeBytes: file.sizeBytes })),
  };
}

/** Summaries from their decoded JSON. @throws FareboxError `request/malformed`. */
export function summariesFromJson(json: z.infer<typeof summariesSchema>): ProgrammeSummary[] {
  return json.programmes.map((summary) => ({
    ...summary,
    id: decodeProgrammeId(summary.id),
    posterHash: decodeContentHash(summary.posterHash),
  }));
}
