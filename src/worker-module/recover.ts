// Finishes or undoes, at each opening, what an earlier worker was cut off in. Found by the status index, never by looking through everything:
// what is `working` was begun here and not ended; what a restore closed waits for the provider's word, which may have come. A pending epoch
// and a backup that nobody has verified need somebody else, and stay as they are. Each step may itself be cut: the next opening does what is left.

import { FareboxError } from '../protocol/errors.ts';
import type { SessionId } from '../protocol/ids.ts';
import { closedByRestore, commitReceiptIfDue } from './backup/reconcile.ts';
import type { Core } from './core.ts';
import { MODULE_LIMITS } from './limits.ts';
import { commitReceipt } from './receipts/receipt-drawer.ts';
import type { SessionRooms } from './session/session-rooms.ts';

/**
 * Leaves every session that was moving either open without a dead tab's reservation, or closed with its receipt. One that was altered does not
 * keep the others from it. @throws FareboxError `store/altered` at the end where there was such a one, other `store/*` at once.
 */
export async function recoverSessions(core: Core, rooms: SessionRooms): Promise<void> {
  const altered: FareboxError[] = [];
  const each = async (session: SessionId, finish: (session: SessionId) => Promise<void>) => {
    try {
      await finish(session);
    } catch (error) {
      if (!(error instanceof FareboxError) || error.code !== 'store/altered') throw error;
      altered.push(error);
    }
  };
  for (const { session } of await core.store.operations('working', MODULE_LIMITS.listedSessions)) {
    if (session !== null) await each(session, () => finishSession(core, rooms, session));
  }
  for (const session of await closedByRestore(core)) await each(session, () => commitReceiptIfDue(core, session));
  const [first] = altered;
  if (first !== undefined) throw first;
}

async function finishSession(core: Core, rooms: SessionRooms, session: SessionId): Promise<void> {
  const row = await core.store.session(session);
  // Its reservations are under a seal: whether there is one to settle, only the change itself can see.
  if (row?.state === 'open') await rooms.settleInterrupted(session);
  const settled = row?.state === 'open' ? await core.store.session(session) : row;
  if (settled?.state === 'closing') await commitReceipt(core, session);
}
