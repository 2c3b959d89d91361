// Everything about a module that a token or a sign-in needs (docs/protocol.md §24), in one statement. It is a function of the database
// (db/migrations/0007_standing.sql), so that its plan is kept: a sign-in is the contact that comes most often.

import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { fromHex } from '../../src/protocol/bytes.ts';
import type { ModuleId } from '../../src/protocol/ids.ts';
import type { Queries } from '../db/open.ts';

const count = z.number().int().nonnegative();
const hex = z.string().transform(fromHex);

/** What the function answers; the first members are those of `FoundBlock`. */
const standingSchema = z.strictObject({
  set: z.string(),
  number: count,
  agreementHash: z.string(),
  content: z.string(),
  wrappedKeys: hex,
  setChanges: count,
  unitChanges: count,
  epoch: count,
  acceptedCertificate: z.string().nullable(),
  count,
  presentSet: z.string(),
  presentSetChanges: count,
  presentUnitChanges: count,
  presentEpoch: count,
  /** 16 bytes. */
  device: hex,
  epochTime: count,
  lastCounter: count.transform(BigInt),
  /** 32 bytes. */
  lastHead: hex,
  /** Of an accepted receipt with the counter that is shown; null where there is none. */
  receiptedHead: hex.nullable(),
  isUntrusted: z.boolean(),
});

const rows = z.array(z.object({ standing: z.string().nullable() }));
/** One engine answers with the rows, the other with an object that has them. */
const rowsSchema = z.union([rows, z.object({ rows }).transform((answer) => answer.rows)]);

/** A module with an agreement, and where it stands. */
export type ClientStanding = z.infer<typeof standingSchema> & { readonly module: ModuleId };

/** What a module shows of its place, and when, ms since 1970. */
export type ShownPlace = {
  readonly epoch: number;
  readonly counter: number;
  /** 32 bytes. */
  readonly head: Uint8Array;
  readonly time: number;
};

/**
 * The newest agreement with a module and where the module stands; null where there never was one. `shown`: where it says that it is. Its row is
 * then locked until the transaction ends, and the place is raised to what is shown where that is behind the last one of the same epoch: whoever
 * does not believe it throws, which takes the raising back. What is answered is what was there before.
 */
export async function findStanding(
  queries: Queries,
  module: ModuleId,
  shown: ShownPlace | null,
): Promise<ClientStanding | null> {
  const { epoch = null, counter = null, head = null, time = null } = shown ?? {};
  const place = sql`${epoch}::bigint, ${counter}::bigint, ${head}::bytea, ${time}::bigint`;
  // As it is, without the query builder, which takes as long as the function.
  const [row] = rowsSchema.parse(await queries.execute(sql`select client_standing(${module}, ${place}) as standing`));
  if (row === undefined || row.standing === null) return null;
  return { module, ...standingSchema.parse(JSON.parse(row.standing)) };
}
