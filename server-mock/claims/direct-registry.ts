// The claims' port on the database itself: the running server's own, and the command line's while no server runs.

import { desc, eq } from 'drizzle-orm';
import { toBase64Url } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { Queries } from '../db/open.ts';
import { claims, deliveries, programmes, sessions } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import type { ClaimDetails, ClaimRegistry, ClaimSummary } from './registry.ts';

/** Registry of an opened provider. */
export function directClaims({ database }: Pick<Provider, 'database'>): ClaimRegistry {
  const { queries } = database;
  return Object.freeze({
    list: async () =>
      (await rowsOf(queries).orderBy(desc(claims.answeredTime)).limit(SERVER_LIMITS.listedClaims)).map(toSummary),
    find: (session: SessionId) => findClaim(queries, session),
  } satisfies ClaimRegistry);
}

function rowsOf(queries: Queries) {
  return queries
    .select({ claim: claims, session: sessions, title: programmes.title })
    .from(claims)
    .innerJoin(sessions, eq(sessions.id, claims.sessionId))
    .leftJoin(programmes, eq(programmes.id, sessions.programmeId))
    .$dynamic();
}

type Row = {
  readonly claim: typeof claims.$inferSelect;
  readonly session: typeof sessions.$inferSelect;
  readonly title: string | null;
};

function toSummary({ claim, title }: Row): ClaimSummary {
  const { sessionId: session, moduleId: module, verdict, currency, amountMinor, answeredTime } = claim;
  return { session, module, title, verdict, currency, amountMinor: Number(amountMinor), answeredTime };
}

async function findClaim(queries: Queries, session: SessionId): Promise<ClaimDetails> {
  const [row] = await rowsOf(queries).where(eq(claims.sessionId, session));
  if (row === undefined) throw new FareboxError('claim/unknown', { session });
  const { deliveryId, contract } = row.session;
  const attempts =
    deliveryId === null
      ? []
      : await queries
          .select()
          .from(deliveries)
          .where(eq(deliveries.deliveryId, deliveryId))
          .orderBy(deliveries.startedTime, deliveries.id);
  return {
    ...toSummary(row),
    claim: toBase64Url(row.claim.claim),
    answer: toBase64Url(row.claim.answer),
    contract: toBase64Url(contract ?? new Uint8Array()),
    deliveryId,
    attempts: attempts.map(({ id, deliveryId: _of, ...attempt }) => attempt),
  };
}
