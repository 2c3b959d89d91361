// The provider's record of delivery (docs/protocol.md §17): one row for each request for content that names a delivery. The
// content routes note what they gave; claims look it up. Written behind the answers, so that nobody waits for it: a kill may
// lose the last rows, and what is lost counts as never asked.

import { eq } from 'drizzle-orm';
import type { ContentHash } from '../../src/protocol/ids.ts';
import type { Database, Queries } from '../db/open.ts';
import { deliveries } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Attempt } from './weigh.ts';

/** One request. `deliveryId`: 32 hex digits. */
export type NotedDelivery = Attempt & { readonly deliveryId: string; readonly hash: ContentHash };

/** The record of one process. */
export type DeliveryRecord = {
  /** Takes a row in; it is written soon. */
  readonly note: (delivery: NotedDelivery) => void;
  /** Resolves when everything noted so far is written, or was given up because the database refused it. */
  readonly flush: () => Promise<void>;
};

/** Opens it. `onLost` hears of rows that could not be kept. */
export function openDeliveryRecord(
  database: Pick<Database, 'queries'>,
  onLost: (rows: number) => void = () => undefined,
): DeliveryRecord {
  const waiting: NotedDelivery[] = [];
  /** Rows of each delivery so far, the ones met last: nobody fills the disk under one name. */
  const rowsOf = new Map<string, number>();
  let writing: Promise<void> | null = null;

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const rows = waiting.splice(0, SERVER_LIMITS.deliveryBatch);
      try {
        await database.queries.insert(deliveries).values(rows.map(rounded));
      } catch {
        onLost(rows.length);
      }
    }
    writing = null;
  }

  return Object.freeze({
    note: (delivery: NotedDelivery) => {
      const rows = rowsOf.get(delivery.deliveryId) ?? 0;
      if (waiting.length >= SERVER_LIMITS.deliveriesWaiting || rows >= SERVER_LIMITS.rowsPerDelivery) {
        onLost(1);
        return;
      }
      rowsOf.delete(delivery.deliveryId);
      rowsOf.set(delivery.deliveryId, rows + 1);
      if (rowsOf.size > SERVER_LIMITS.deliveriesRemembered) {
        const [oldest] = rowsOf.keys();
        if (oldest !== undefined) rowsOf.delete(oldest);
      }
      waiting.push(delivery);
      writing ??= write();
    },
    flush: async () => {
      while (writing !== null) await writing;
    },
  } satisfies DeliveryRecord);
}

function rounded({ ownMs, elapsedMs, ...row }: NotedDelivery): NotedDelivery {
  return { ...row, ownMs: Math.round(ownMs), elapsedMs: Math.round(elapsedMs) };
}

/** Requests of one delivery, by file. Their number is bounded when they are noted. */
export async function readAttempts(
  queries: Queries,
  deliveryId: string,
): Promise<ReadonlyMap<string, readonly Attempt[]>> {
  const found = new Map<string, Attempt[]>();
  const rows = await queries.select().from(deliveries).where(eq(deliveries.deliveryId, deliveryId));
  for (const { id, deliveryId: _of, hash, ...attempt } of rows) {
    const known = found.get(hash);
    if (known === undefined) found.set(hash, [attempt]);
    else known.push(attempt);
  }
  return found;
}
