// What the keeper of a set wants agreed with its units (docs/protocol.md §24, MC-2, MC-6), and what is wanted of a unit at this moment: rule,
// keys and indexes that are left after everything that was retired. Whoever changes any of it notes that in the same transaction.

import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import { liveIndexes, type SelectionRule } from '../../src/protocol/derived-keys/rules.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import {
  applicationKeys,
  keyPolicySeries,
  keyRetiredIndexes,
  keySets,
  keyUnitRetirements,
  keyUnits,
} from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import type { AgreedContent, AgreedSet } from './agreed-content.ts';
import type { KeyPolicy } from './registry.ts';

/** A set as its row is. */
export type SetRow = typeof keySets.$inferSelect;
/** One version of an application key as its row is. */
export type ApplicationRow = typeof applicationKeys.$inferSelect;

/** Notes that something may be wanted now that was not before: of every unit of the set, or of one. */
export async function noteChange(tx: Queries, setId: string, unitId: string | null = null): Promise<void> {
  if (unitId === null) {
    await tx
      .update(keySets)
      .set({ changes: sql`${keySets.changes} + 1` })
      .where(eq(keySets.id, setId));
  } else {
    await tx
      .update(keyUnits)
      .set({ changes: sql`${keyUnits.changes} + 1` })
      .where(eq(keyUnits.unitId, unitId));
  }
}

/** The set by its name. @throws FareboxError `keys/unknown-set`. */
export async function findSet(tx: Queries, name: string): Promise<SetRow> {
  const [row] = await tx.select().from(keySets).where(eq(keySets.name, name));
  if (row === undefined) throw new FareboxError('keys/unknown-set', { name });
  return row;
}

/** The set, so that nothing else changes in it until the transaction ends. @throws FareboxError `keys/unknown-set`, `keys/retired`. */
export async function lockSet(tx: Queries, name: string): Promise<SetRow> {
  const [row] = await tx.select().from(keySets).where(eq(keySets.name, name)).for('update');
  if (row === undefined) throw new FareboxError('keys/unknown-set', { name });
  if (row.retiredTime !== null) throw new FareboxError('keys/retired', { name });
  return row;
}

/** The unit, if it is one of this set. @throws FareboxError `keys/unknown-unit`, `keys/other-unit`. */
export async function requireUnit(tx: Queries, set: Pick<SetRow, 'id'>, unitId: string): Promise<void> {
  const [row] = await tx.select({ setId: keyUnits.setId }).from(keyUnits).where(eq(keyUnits.unitId, unitId));
  if (row === undefined) throw new FareboxError('keys/unknown-unit', { unit: unitId });
  if (row.setId !== set.id) throw new FareboxError('keys/other-unit', { unit: unitId });
}

/** The newest version of each of these references that the set has ever had, retired or not. */
export async function newestVersions(
  tx: Queries,
  setId: string,
  references: readonly string[] | null = null,
): Promise<ReadonlyMap<string, ApplicationRow>> {
  const named = references === null ? undefined : inArray(applicationKeys.reference, [...references]);
  const rows = await tx
    .selectDistinctOn([applicationKeys.reference])
    .from(applicationKeys)
    .where(and(eq(applicationKeys.setId, setId), named))
    .orderBy(applicationKeys.reference, desc(applicationKeys.version));
  return new Map(rows.map((row) => [row.reference, row]));
}

/** The policy of a set, null before it has one. */
export async function findPolicy(tx: Queries, set: SetRow): Promise<KeyPolicy | null> {
  return (await findPolicies(tx, [set])).get(set.id) ?? null;
}

/** The policies of sets by their ids; none of one that has none. */
export async function findPolicies(tx: Queries, sets: readonly SetRow[]): Promise<ReadonlyMap<string, KeyPolicy>> {
  if (sets.length === 0) return new Map();
  const ids = sets.map(({ id }) => id);
  const rows = await tx.select().from(keyPolicySeries).where(inArray(keyPolicySeries.setId, ids));
  const listed = Map.groupBy(rows, ({ setId }) => setId);
  const policies = new Map<string, KeyPolicy>();
  for (const { id, rule, masterReference } of sets) {
    if (rule === null || masterReference === null) continue;
    // Not in the database's order, which may be a language's.
    const series = (listed.get(id) ?? []).map(({ reference, pin }) => ({ reference, pin })).sort(byReference);
    policies.set(id, { rule, master: masterReference, series });
  }
  return policies;
}

function byReference(left: { readonly reference: string }, right: { readonly reference: string }): number {
  return left.reference < right.reference ? -1 : 1;
}

/**
 * Takes the place of whatever policy the set had. Each unit's own rule stays.
 * @throws FareboxError `keys/unknown-set`, `keys/retired`; `keys/no-such-key` where a key is not there, is retired or is of another kind;
 * `keys/malformed` for no series, too many, or one twice.
 */
export async function setPolicy(tx: Queries, name: string, policy: KeyPolicy): Promise<void> {
  const { id: setId } = await lockSet(tx, name);
  await writePolicy(tx, setId, policy);
}

/** As `setPolicy`, for a set whose row the caller has. */
export async function writePolicy(tx: Queries, setId: string, policy: KeyPolicy): Promise<void> {
  const { rule, master, series } = policy;
  const references = series.map(({ reference }) => reference);
  if (references.length < 1 || references.length > LIMITS.seriesSets || new Set(references).size < references.length)
    throw new FareboxError('keys/malformed', { expected: 'series' });
  const newest = await newestVersions(tx, setId, [master, ...references]);
  const requireKind = (reference: string, kind: ApplicationRow['kind']): void => {
    const found = newest.get(reference);
    if (found?.kind !== kind || found.retiredTime !== null) throw new FareboxError('keys/no-such-key', { reference });
  };
  requireKind(master, 'master');
  for (const reference of references) requireKind(reference, 'series');
  await tx.update(keySets).set({ rule, masterReference: master }).where(eq(keySets.id, setId));
  await tx.delete(keyPolicySeries).where(eq(keyPolicySeries.setId, setId));
  await tx.insert(keyPolicySeries).values(series.map(({ reference, pin }) => ({ setId, reference, pin })));
  await noteChange(tx, setId);
}

/**
 * Another rule for a set, or for one of its units; `rule` null gives a unit its set's again.
 * @throws FareboxError `keys/unknown-set`, `keys/retired`, `keys/unknown-unit`, `keys/other-unit`; `keys/no-such-key` for a set without a policy,
 * `keys/malformed` for no rule where it is not a unit's.
 */
export async function setRule(
  tx: Queries,
  name: string,
  rule: SelectionRule | null,
  unitId: string | null,
): Promise<void> {
  const set = await lockSet(tx, name);
  if (unitId !== null) {
    await requireUnit(tx, set, unitId);
    await tx.update(keyUnits).set({ rule }).where(eq(keyUnits.unitId, unitId));
  } else {
    if (rule === null) throw new FareboxError('keys/malformed', { expected: 'selection rule' });
    if (set.rule === null) throw new FareboxError('keys/no-such-key', { expected: 'a policy' });
    await tx.update(keySets).set({ rule }).where(eq(keySets.id, set.id));
  }
  await noteChange(tx, set.id, unitId);
}

/**
 * What is wanted of these units of one set at this moment; null for one with which nothing can be agreed: the set is retired or has no policy,
 * or no master key or no series is left.
 */
export async function findWanted(
  tx: Queries,
  set: SetRow,
  units: readonly { readonly unitId: string; readonly rule: SelectionRule | null }[],
): Promise<ReadonlyMap<string, AgreedContent | null>> {
  const policy = set.retiredTime === null ? await findPolicy(tx, set) : null;
  if (policy === null || units.length === 0) return new Map(units.map(({ unitId }) => [unitId, null]));
  const references = [policy.master, ...policy.series.map(({ reference }) => reference)];
  const newest = await newestVersions(tx, set.id, references);
  const over = await findOver(
    tx,
    set.id,
    references,
    units.map(({ unitId }) => unitId),
  );
  const wanted = ({ unitId, rule }: (typeof units)[number]): AgreedContent | null => {
    const left = (reference: string, kind: ApplicationRow['kind']): ApplicationRow | null => {
      const found = newest.get(reference);
      const gone = found?.kind !== kind || found.retiredTime !== null || over.isRetired(unitId, found);
      return gone ? null : found;
    };
    const master = left(policy.master, 'master');
    const series = policy.series.flatMap(({ reference, pin }) => {
      const found = left(reference, 'series');
      return found === null ? [] : setOf(found, over.indexesOf(unitId, found), pin);
    });
    if (master === null || series.length === 0) return null;
    return { rule: rule ?? policy.rule, master: slotOf(master), series };
  };
  return new Map(units.map((unit) => [unit.unitId, wanted(unit)]));
}

function slotOf({ reference, version }: ApplicationRow): { readonly reference: string; readonly version: number } {
  return { reference, version };
}

function setOf(row: ApplicationRow, retired: readonly number[], pin: boolean): readonly AgreedSet[] {
  const { seriesCount: count } = row;
  if (retired.length >= count) return [];
  return [{ slot: slotOf(row), count, retired, live: liveIndexes(count, retired), pin }];
}

type Over = {
  readonly isRetired: (unitId: string, row: ApplicationRow) => boolean;
  /** For the set or for this unit; ascending, each once. */
  readonly indexesOf: (unitId: string, row: ApplicationRow) => readonly number[];
};

/** What was retired for these units alone, and the indexes that were for all. */
async function findOver(
  tx: Queries,
  setId: string,
  references: readonly string[],
  unitIds: readonly string[],
): Promise<Over> {
  const versions = await tx
    .select()
    .from(keyUnitRetirements)
    .where(
      and(inArray(keyUnitRetirements.unitId, [...unitIds]), inArray(keyUnitRetirements.reference, [...references])),
    );
  const indexes = await tx
    .select()
    .from(keyRetiredIndexes)
    .where(
      and(
        eq(keyRetiredIndexes.setId, setId),
        inArray(keyRetiredIndexes.unitId, ['', ...unitIds]),
        inArray(keyRetiredIndexes.reference, [...references]),
      ),
    );
  const nameOf = (unitId: string, { reference, version }: { reference: string; version: number }): string =>
    `${unitId} ${reference}/${version}`;
  const retired = new Set(versions.map((row) => nameOf(row.unitId, row)));
  const gone = Map.groupBy(indexes, (row) => nameOf(row.unitId, row));
  return {
    isRetired: (unitId, row) => retired.has(nameOf(unitId, row)),
    indexesOf: (unitId, row) => {
      const both = ['', unitId].flatMap((whose) => gone.get(nameOf(whose, row)) ?? []).map(({ index }) => index);
      return [...new Set(both)].sort((left, right) => left - right);
    },
  };
}
