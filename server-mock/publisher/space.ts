// Free disk space, asked before a long encoding starts rather than found out an hour later. publish.ts calls it once.

import { statfs } from 'node:fs/promises';
import { FareboxError } from '../../src/protocol/errors.ts';
import { PUBLISH_LIMITS } from './limits.ts';
import type { Rung } from './rungs.ts';

/** What a rung really takes of its peak rate, seen over films; a disk that fills up all the same is handled when it happens. */
const USUAL_SHARE = 0.6;
/** One sound and its container, bits a second. */
const SOUND_BITRATE = 140_000;
/** Manifest, captions and previews, bits a second. */
const OTHER_BITRATE = 40_000;

/** Bytes a programme is expected to take. @param sounds how many tracks. @param durationUs length of the programme. */
export function expectedSize(rungs: readonly Rung[], sounds: number, durationUs: number): number {
  const bitrate = rungs.reduce(
    (sum, rung) => sum + rung.peakBitrate * USUAL_SHARE,
    sounds * SOUND_BITRATE + OTHER_BITRATE,
  );
  return Math.ceil((bitrate * durationUs) / 8e6);
}

/**
 * Checks that a folder's disk has room for `sizeBytes` and some to spare.
 * @throws FareboxError `publish/no-space`.
 */
export async function checkSpace(folder: string, sizeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes < sizeBytes + PUBLISH_LIMITS.spareBytes) {
    throw new FareboxError('publish/no-space', { neededBytes: sizeBytes, freeBytes });
  }
}
