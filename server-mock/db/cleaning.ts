// Deletes rows nobody can need any more: spent challenges, the answers that carried them or only told something, old rate
// windows. server.ts calls it now and then; a bounded number of rows at a time. Answers of other operations are kept for good.

import { and, inArray, lt } from 'drizzle-orm';
import { SERVER_LIMITS } from '../limits.ts';
import type { Queries } from './open.ts';
import { challenges, idempotentAnswers, rateWindows } from './schema.ts';

/** One round at `now` (ms since 1970). */
export async function cleanDatabase(queries: Queries, now: number): Promise<void> {
  const oldest = now - SERVER_LIMITS.challengeKeptMs;
  const rows = SERVER_LIMITS.cleaningRows;
  await queries
    .delete(challenges)
    .where(
      inArray(
        challenges.challenge,
        queries
          .select({ challenge: challenges.challenge })
          .from(challenges)
          .where(lt(challenges.expiresTime, oldest))
          .limit(rows),
      ),
    );
  await forgetAnswers(queries, ['challenges'], oldest);
  await forgetAnswers(queries, ['standings', 'papers'], now - SERVER_LIMITS.toldAnswerKeptMs);
  // A window that started a day ago counts for nobody; there is one row for each client and bucket.
  await queries.delete(rateWindows).where(lt(rateWindows.windowStart, oldest));
}

/** Answers of routes that changed nothing but a challenge, given before `oldest`. */
async function forgetAnswers(queries: Queries, routes: readonly string[], oldest: number): Promise<void> {
  const old = queries
    .select({ operation: idempotentAnswers.operation })
    .from(idempotentAnswers)
    .where(and(inArray(idempotentAnswers.route, [...routes]), lt(idempotentAnswers.time, oldest)))
    .limit(SERVER_LIMITS.cleaningRows);
  await queries.delete(idempotentAnswers).where(inArray(idempotentAnswers.operation, old));
}
