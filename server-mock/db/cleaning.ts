// Deletes rows nobody can need any more: spent challenges, the answers that carried them or only told something, wrong PINs and
// renewals of days ago, old rate windows. server.ts calls it now and then; a bounded number of rows at a time. Answers of other operations are kept for good.

import { and, eq, inArray, lt, notExists } from 'drizzle-orm';
import { SERVER_LIMITS } from '../limits.ts';
import { keyRenewals, wrongPins } from './key-schema.ts';
import type { Queries } from './open.ts';
import { challenges, deliveries, idempotentAnswers, rateWindows, sessions } from './schema.ts';

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
  await forgetAnswers(queries, ['standings', 'papers', 'keys/pin'], now - SERVER_LIMITS.toldAnswerKeptMs);
  await forgetDeliveries(queries, now);
  // Beyond the window they stop nobody; one module has few.
  await queries.delete(wrongPins).where(lt(wrongPins.triedTime, now - SERVER_LIMITS.wrongPinKeptMs));
  await queries.delete(keyRenewals).where(lt(keyRenewals.askedTime, now - SERVER_LIMITS.keyRenewalKeptMs));
  // A window that started a day ago counts for nobody; there is one row for each client and bucket.
  await queries.delete(rateWindows).where(lt(rateWindows.windowStart, oldest));
}

/** Rows of the record of delivery that nobody can claim by any more. */
async function forgetDeliveries(queries: Queries, now: number): Promise<void> {
  const old = lt(deliveries.startedTime, now - SERVER_LIMITS.deliveryKeptMs);
  const stray = and(
    lt(deliveries.startedTime, now - SERVER_LIMITS.strayDeliveryKeptMs),
    notExists(queries.select({ id: sessions.id }).from(sessions).where(eq(sessions.deliveryId, deliveries.deliveryId))),
  );
  for (const isOver of [old, stray]) {
    const rows = queries
      .select({ id: deliveries.id })
      .from(deliveries)
      .where(isOver)
      .limit(SERVER_LIMITS.cleanedDeliveries);
    await queries.delete(deliveries).where(inArray(deliveries.id, rows));
  }
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
