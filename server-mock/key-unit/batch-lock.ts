// Keeps the answers of a batch to one run (docs/protocol.md §23): two that wrote behind each other's lines would leave a file that neither
// could go on with. The lock is a file beside the answers with its owner's process in it; that of a dead process is taken over.
// It holds between processes of one machine, not between machines that share a disk.

import { realpath } from 'node:fs/promises';
import { FareboxError } from '../../src/protocol/errors.ts';
import { acquireLock, type FolderLock } from '../db/lock.ts';

/**
 * Takes the answers for one run, however they were named. @param answersFile path of a file that is there.
 * @throws FareboxError `keys/busy` while another run has them, `publish/unreadable` where no file can be made beside them.
 */
export async function lockAnswers(answersFile: string): Promise<FolderLock> {
  try {
    return await acquireLock(`${await realpath(answersFile)}.lock`);
  } catch (cause) {
    if (cause instanceof FareboxError && cause.code === 'server/locked') {
      throw new FareboxError('keys/busy', cause.detail, { cause });
    }
    throw new FareboxError('publish/unreadable', { file: answersFile }, { cause });
  }
}
