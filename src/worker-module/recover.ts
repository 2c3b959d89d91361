// Finishes or undoes, at start, what an earlier worker was cut off in: reservations of tabs that are gone, sessions that were closing.
// Called once by module.ts. Each step may itself be cut: the next start does what is left.

import type { Core } from './core.ts';
import { commitReceipt } from './receipts/receipt-drawer.ts';
import type { SessionRooms } from './session/session-rooms.ts';

/** Leaves every listed session either open without a dead tab's reservation, or closed with its receipt. */
export async function recoverSessions(core: Core, rooms: SessionRooms): Promise<void> {
  for (const { session, state, progress } of await rooms.list()) {
    if (state === 'open' && progress.reservations.size > 0) await rooms.settleInterrupted(session);
    if (state === 'closing') await commitReceipt(core, session);
  }
}
