// One thing after the other is too slow for WebCrypto, all at once is too much for memory and for whoever waits. Called by backup/.

import { BACKUP_LIMITS } from './backup-limits.ts';

/** Applies `work` to all, a batch at a time, in order. The first failure ends it. */
export async function inBatches<Thing, Made>(
  things: readonly Thing[],
  work: (thing: Thing) => Promise<Made>,
): Promise<Made[]> {
  const made: Made[] = [];
  for (let at = 0; at < things.length; at += BACKUP_LIMITS.batch) {
    made.push(...(await Promise.all(things.slice(at, at + BACKUP_LIMITS.batch).map(work))));
  }
  return made;
}
