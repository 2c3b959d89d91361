// Roll-over at the key unit (docs/protocol.md §24, MC-6): what is over for a set or for one of its units, and new versions of everything. Each is
// over when its transaction is; nothing of it comes back.

import { and, eq, isNull } from 'drizzle-orm';
import { FareboxError } from '../../src/protocol/errors.ts';
import { applicationKeys, keyRetiredIndexes, keySets, keyUnitRetirements } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import { type Maker, makeVersion } from './make-keys.ts';
import {
  type ApplicationRow,
  findPolicy,
  lockSet,
  newestVersions,
  noteChange,
  requireUnit,
  type SetRow,
} from './policy.ts';

/** What is retired: null stands for all of it. */
export type Retirement = {
  /** REF1; null: every key, and without `unit` the set itself. */
  readonly reference: string | null;
  /** Null: every version of the reference; with `index` the newest one. */
  readonly version: number | null;
  /** One derived key: an index of a series. */
  readonly index: number | null;
  /** The one unit for which it is over; null: the whole set. */
  readonly unit: string | null;
};

/**
 * @returns how many keys, or indexes, were retired by this and not before.
 * @throws FareboxError `keys/unknown-set`; `keys/no-such-key`; `keys/malformed` for an index that the series does not have, or of no series;
 * `keys/unknown-unit`, `keys/other-unit`.
 */
export async function retire(tx: Queries, name: string, what: Retirement, now: number): Promise<number> {
  const [set] = await tx.select().from(keySets).where(eq(keySets.name, name)).for('update');
  if (set === undefined) throw new FareboxError('keys/unknown-set', { name });
  if (what.unit !== null) await requireUnit(tx, set, what.unit);
  const retired =
    what.index !== null
      ? await retireIndex(tx, set, { ...what, index: what.index }, now)
      : what.unit !== null
        ? await retireForUnit(tx, set, { ...what, unit: what.unit }, now)
        : await retireForAll(tx, set, what, now);
  await noteChange(tx, set.id, what.unit);
  return retired;
}

async function retireIndex(
  tx: Queries,
  { id: setId }: SetRow,
  { reference, version, index, unit }: Retirement & { readonly index: number },
  retiredTime: number,
): Promise<number> {
  if (reference === null) throw new FareboxError('keys/malformed', { expected: 'a series' });
  const newest = (await newestVersions(tx, setId, [reference])).get(reference);
  const meant = version === null ? newest : await findVersion(tx, setId, reference, version);
  if (meant === undefined) throw new FareboxError('keys/no-such-key', { reference });
  if (!Number.isInteger(index) || index < 0 || index >= meant.seriesCount)
    throw new FareboxError('keys/malformed', { index });
  const row = { setId, reference, version: meant.version, unitId: unit ?? '', index, retiredTime };
  const written = await tx.insert(keyRetiredIndexes).values(row).onConflictDoNothing().returning();
  return written.length;
}

async function findVersion(
  tx: Queries,
  setId: string,
  reference: string,
  version: number,
): Promise<ApplicationRow | undefined> {
  const [row] = await tx
    .select()
    .from(applicationKeys)
    .where(meaning(setId, reference, version));
  return row;
}

function meaning(setId: string, reference: string | null, version: number | null) {
  return and(
    eq(applicationKeys.setId, setId),
    reference === null ? undefined : eq(applicationKeys.reference, reference),
    version === null ? undefined : eq(applicationKeys.version, version),
  );
}

async function retireForUnit(
  tx: Queries,
  { id: setId }: SetRow,
  { reference, version, unit: unitId }: Retirement & { readonly unit: string },
  retiredTime: number,
): Promise<number> {
  const meant = await tx
    .select({ reference: applicationKeys.reference, version: applicationKeys.version })
    .from(applicationKeys)
    .where(meaning(setId, reference, version));
  if (meant.length === 0) throw new FareboxError('keys/no-such-key', { reference: reference ?? '' });
  const rows = meant.map((key) => ({ ...key, unitId, retiredTime }));
  const written = await tx.insert(keyUnitRetirements).values(rows).onConflictDoNothing().returning();
  return written.length;
}

async function retireForAll(
  tx: Queries,
  { id: setId }: SetRow,
  { reference, version }: Retirement,
  retiredTime: number,
): Promise<number> {
  if (reference === null)
    await tx
      .update(keySets)
      .set({ retiredTime })
      .where(and(eq(keySets.id, setId), isNull(keySets.retiredTime)));
  const meant = meaning(setId, reference, version);
  const known = await tx.select({ version: applicationKeys.version }).from(applicationKeys).where(meant).limit(1);
  if (reference !== null && known.length === 0) throw new FareboxError('keys/no-such-key', { reference });
  const retired = await tx
    .update(applicationKeys)
    .set({ retiredTime })
    .where(and(meant, isNull(applicationKeys.retiredTime)))
    .returning({ version: applicationKeys.version });
  return retired.length;
}

/**
 * New versions of all keys of a set, those that its policy names included where they were retired before; all older versions are over.
 * @returns the new ones, by reference. @throws FareboxError `keys/unknown-set`, `keys/retired`; `keys/no-such-key` for a set without a key.
 */
export async function renew(maker: Maker, tx: Queries, name: string): Promise<readonly ApplicationRow[]> {
  const set = await lockSet(tx, name);
  const policy = await findPolicy(tx, set);
  const named = new Set([policy?.master, ...(policy?.series ?? []).map(({ reference }) => reference)]);
  const newest = [...(await newestVersions(tx, set.id)).values()];
  const meant = newest.filter(({ reference, retiredTime }) => retiredTime === null || named.has(reference));
  if (meant.length === 0) throw new FareboxError('keys/no-such-key', { name });
  await tx
    .update(applicationKeys)
    .set({ retiredTime: maker.clock() })
    .where(and(eq(applicationKeys.setId, set.id), isNull(applicationKeys.retiredTime)));
  const made: ApplicationRow[] = [];
  for (const { reference, kind, seriesCount } of meant)
    made.push(await makeVersion(maker, tx, set.id, { reference, kind, count: seriesCount }));
  return made;
}
