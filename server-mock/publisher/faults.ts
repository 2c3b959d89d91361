// What went wrong while publishing, as a code of the table. Everything publishFile throws has passed through here.

import { FareboxError } from '../../src/protocol/errors.ts';

/** System codes that mean a full disk. */
const FULL = ['ENOSPC', 'EDQUOT'];

/** @param signal where it was aborted, the abort is what is said, whatever it made fail. */
export function asPublishError(cause: unknown, signal: AbortSignal): FareboxError {
  if (signal.aborted) return new FareboxError('publish/failed', { reason: 'aborted' }, { cause });
  if (cause instanceof FareboxError) return cause;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && FULL.includes(cause.code)) {
    return new FareboxError('publish/no-space', undefined, { cause });
  }
  return new FareboxError('publish/failed', undefined, { cause });
}
