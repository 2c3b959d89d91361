// Who is no longer trusted: the list in the database, signed anew for whoever asks. Enrolment and P1 ask it
// each time, so that an id counts from the next request on; receipts do not (docs/protocol.md §3).

import { asc, eq } from 'drizzle-orm';
import { issueUntrustedList } from '../../src/protocol/untrusted-list.ts';
import type { Queries } from '../db/open.ts';
import { untrustedIds } from '../db/schema.ts';
import type { Provider } from '../provider.ts';

/** True where the subject of a certificate is on the list. */
export async function isUntrusted(queries: Queries, subject: string): Promise<boolean> {
  const found = await queries.select({ id: untrustedIds.id }).from(untrustedIds).where(eq(untrustedIds.id, subject));
  return found.length > 0;
}

/** Puts an id on the list; twice is once. */
export async function distrust(queries: Queries, subject: string, time: number): Promise<void> {
  await queries.insert(untrustedIds).values({ id: subject, addedTime: time }).onConflictDoNothing();
}

/** Takes an id off the list; one that is not on it is none the worse. */
export async function trust(queries: Queries, subject: string): Promise<void> {
  await queries.delete(untrustedIds).where(eq(untrustedIds.id, subject));
}

/** The list as the agency signs it now: COSE bytes. */
export async function signUntrustedList(provider: Provider): Promise<Uint8Array> {
  const rows = await provider.database.queries
    .select({ id: untrustedIds.id })
    .from(untrustedIds)
    .orderBy(asc(untrustedIds.id));
  return issueUntrustedList({
    signer: provider.keys.agency,
    ids: rows.map((row) => row.id),
    issuedAt: provider.clock(),
  });
}
