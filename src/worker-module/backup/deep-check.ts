// Looks through everything that is stored: the whole record, every session, every receipt. Called by the command `recover` where the module was sound at start,
// which only looks at the record's end. Reads only.

import { equalBytes } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { Core } from '../core.ts';
import { readRecord } from '../record/read-record.ts';
import { readRestored } from '../restored.ts';
import { readDatabase } from './database-source.ts';

/** True where a page, a session, a receipt or the header is not what this module wrote. @throws FareboxError `store/refused` and its kin. */
export async function isAltered(core: Core): Promise<boolean> {
  try {
    await checkRecordWhole(core);
    const identity = await core.store.meta('identity');
    if (identity === null) return false;
    // A row that has lost its shape makes a list unreadable; a recovery reads around it.
    await core.store.sessions(LIMITS.snapshotThings);
    await core.store.receipts(LIMITS.snapshotThings);
    const { unreadable } = await readDatabase(core, core, identity.moduleId);
    return unreadable.length > 0;
  } catch (error) {
    if (error instanceof FareboxError && error.code === 'store/altered') return true;
    throw error;
  }
}

async function checkRecordWhole({ store, keys }: Pick<Core, 'store' | 'keys'>): Promise<void> {
  const header = await store.meta('header');
  const restored = await readRestored({ store, keys });
  const first = restored?.alarmCounter ?? 1;
  let next = first;
  let head: Uint8Array | null = null;
  for await (const read of readRecord(store, keys.recordKey, first)) {
    if (read.entry.counter !== next) break;
    head = read.head;
    next += 1;
  }
  const endsThere = header !== null && header.counter === next - 1 && (head === null || equalBytes(head, header.head));
  if (!endsThere) throw new FareboxError('store/altered', { row: 'page' });
}
