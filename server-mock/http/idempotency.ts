// Carries out a POST once per idempotency key: the exact answer is written in the transaction of the effect and given
// again, byte for byte, whenever the same request comes back. Every changing route goes through here; a refused request
// has no effect and is not remembered.

import { createHash } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { Database, Queries } from '../db/open.ts';
import { idempotentAnswers } from '../db/schema.ts';

/** One request as the caller named it. */
export type Operation = {
  /** Route family, so that one key may serve different routes. */
  readonly route: string;
  /** The caller's key, 1–128 printable ASCII. */
  readonly callerKey: string;
  /** The decoded body; equal bodies have equal JSON. */
  readonly body: unknown;
  /** Milliseconds since 1970. */
  readonly time: number;
};

/** What to do when the operation is new: checks outside of the transaction, then one transaction. */
export type Work<Prepared> = {
  /** Signatures and other checks that need no lock. */
  readonly prepare: () => Promise<Prepared>;
  /** The effect; its value, as JSON, is the answer. */
  readonly effect: (tx: Queries, prepared: Prepared) => Promise<unknown>;
};

/**
 * Carries out the operation or finds its answer.
 * @returns the answer's JSON text; durable on return.
 * @throws FareboxError `request/key-reused` where the key came with another body, and whatever the work throws.
 */
export async function answerOnce<Prepared>(
  database: Database,
  operation: Operation,
  work: Work<Prepared>,
): Promise<string> {
  const id = sha256Hex(`${operation.route}\n${operation.callerKey}`);
  const bodyHash = sha256Hex(JSON.stringify(operation.body));
  const earlier = await findAnswer(database.queries, id, bodyHash);
  if (earlier !== null) return earlier;
  const prepared = await work.prepare();
  return database.transaction(async (tx) => {
    // The empty row makes a second request with this key wait here until the first has committed or failed.
    const claimed = await tx
      .insert(idempotentAnswers)
      .values({ operation: id, route: operation.route, bodyHash, answer: '', time: operation.time })
      .onConflictDoNothing()
      .returning({ operation: idempotentAnswers.operation });
    if (claimed.length === 0) {
      const first = await findAnswer(tx, id, bodyHash);
      if (first === null) throw new FareboxError('server/internal');
      return first;
    }
    const answer = JSON.stringify(await work.effect(tx, prepared));
    await tx.update(idempotentAnswers).set({ answer }).where(eq(idempotentAnswers.operation, id));
    return answer;
  });
}

async function findAnswer(queries: Queries, id: string, bodyHash: string): Promise<string | null> {
  const [row] = await queries
    .select({ bodyHash: idempotentAnswers.bodyHash, answer: idempotentAnswers.answer })
    .from(idempotentAnswers)
    .where(eq(idempotentAnswers.operation, id));
  if (row === undefined) return null;
  if (row.bodyHash !== bodyHash) throw new FareboxError('request/key-reused');
  return row.answer;
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
