// The live publisher's port as JSON, for the admin interface. Bytes are base64url; a seed travels as it is wrapped. Nothing else may
// come in through there.

import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { decodeContentHash, decodeProgrammeId } from '../../src/protocol/ids.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { LiveNews, StoredLive } from './registry.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const base64Url = z.string().regex(/^[\w-]+$/);
const frame = z.number().int().min(0).max(LIMITS.liveFrames);

/** Frames to reserve. */
export const reservationSchema = z.strictObject({ from: frame, to: frame });

/** An update to publish. */
export const liveNewsSchema = z.strictObject({
  update: base64Url,
  files: z
    .array(z.strictObject({ hash, sizeBytes: z.number().int().nonnegative() }))
    .max(SERVER_LIMITS.filesPerProgramme),
});

/** A live programme to go on with. */
export const storedLiveSchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  title: z.string().min(1).max(LIMITS.titleLength),
  manifestHash: hash,
  sequence: z.enum(['tree', 'hkdf']),
  frameCount: frame,
  startTime: z.number().int().nonnegative(),
  wrappedSeed: base64Url,
  reservedTo: frame,
  edge: frame,
  nextNumber: frame,
  previous: hash,
  ended: z.boolean(),
});

/** JSON form of an update to publish. */
export function liveNewsToJson({ update, files }: LiveNews): z.infer<typeof liveNewsSchema> {
  return { update: toBase64Url(update), files: files.map((file) => ({ ...file })) };
}

/** An update to publish from its decoded JSON. @throws FareboxError `request/malformed`. */
export function liveNewsFromJson({ update, files }: z.infer<typeof liveNewsSchema>): LiveNews {
  return {
    update: fromBase64Url(update),
    files: files.map((file) => ({ hash: decodeContentHash(file.hash), sizeBytes: file.sizeBytes })),
  };
}

/** JSON form of a live programme. */
export function storedLiveToJson(live: StoredLive): z.infer<typeof storedLiveSchema> {
  return {
    ...live,
    wrappedSeed: toBase64Url(live.wrappedSeed),
  };
}

/** A live programme from its decoded JSON. @throws FareboxError `request/malformed`. */
export function storedLiveFromJson(json: z.infer<typeof storedLiveSchema>): StoredLive {
  return {
    ...json,
    id: decodeProgrammeId(json.id),
    manifestHash: decodeContentHash(json.manifestHash),
    wrappedSeed: fromBase64Url(json.wrappedSeed),
    previous: decodeContentHash(json.previous),
  };
}
