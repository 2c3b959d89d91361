// The key unit's port on the database itself: the running server's own, and the command line's while no server runs. A transport key or
// material is made here, wrapped at once, and cleared; check values are all that is ever told of one.

import { and, count, desc, eq, inArray, isNotNull, ne, sql } from 'drizzle-orm';
import { toHex } from '../../src/protocol/bytes.ts';
import type { SelectionRule } from '../../src/protocol/derived-keys/rules.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeModuleId } from '../../src/protocol/ids.ts';
import { checkValueOf } from '../../src/protocol/key-unit/application-key.ts';
import { applicationKeys, keyExports, keySets, keyUnitRetirements, keyUnits } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import { listCards, removeCard } from './cards.ts';
import { exportKeys } from './export-keys.ts';
import { listAgreements } from './list-agreements.ts';
import { makeSet, makeVersion } from './make-keys.ts';
import { type ApplicationRow, findPolicies, findSet, lockSet, type SetRow, setPolicy, setRule } from './policy.ts';
import type {
  ApplicationKeySummary,
  ExportCommand,
  KeyPolicy,
  KeyRegistry,
  KeySetSummary,
  NewApplication,
  RetiredPart,
} from './registry.ts';
import { renew, retire } from './retire.ts';
import { type KeyWrap, keyWrapOf } from './wrap.ts';

type Parts = Pick<Provider, 'database' | 'config' | 'suite' | 'random' | 'clock'>;
type Unit = Parts & { readonly wrap: KeyWrap };

/** Registry of an opened provider. The key encryption key is opened, or made, by the first call that needs it. */
export function directKeys(parts: Parts): KeyRegistry {
  const openWrap = keyWrapOf(parts);
  const unit = async (): Promise<Unit> => ({ ...parts, wrap: await openWrap() });
  const { database, clock } = parts;
  return Object.freeze({
    sets: async () => listSets(await unit()),
    addSet: async (name: string, openSize: number | null = null) => addSet(await unit(), name, openSize),
    addUnits: async (set: string, units: readonly string[]) => addUnits(parts, set, units),
    apps: async (set: string | null) => listApps(await unit(), set),
    addApp: async (set: string, application: NewApplication) => addApp(await unit(), set, application),
    setPolicy: (set: string, policy: KeyPolicy) => database.transaction((tx) => setPolicy(tx, set, policy)),
    setRule: (set: string, rule: SelectionRule | null, unitId: string | null) =>
      database.transaction((tx) => setRule(tx, set, rule, unitId)),
    agreements: (set: string | null) =>
      database.transaction(async (tx) =>
        listAgreements(tx, set === null ? null : (await findSet(tx, set)).id, clock()),
      ),
    retire: (set: string, reference: string | null, version: number | null, only: RetiredPart = {}) => {
      const what = { reference, version, index: only.index ?? null, unit: only.unit ?? null };
      return database.transaction((tx) => retire(tx, set, what, clock()));
    },
    renew: async (set: string) => renewSet(await unit(), set),
    cards: () => listCards(database.queries),
    removeCard: (module: string) => removeCard(database.queries, decodeModuleId(module)),
    customize: async (set: string, commands: readonly ExportCommand[]) => {
      const opened = await unit();
      return parts.database.transaction(async (tx) => exportKeys(opened, tx, commands, (await findSet(tx, set)).id));
    },
  } satisfies KeyRegistry);
}

async function listSets({ database, wrap }: Unit): Promise<readonly KeySetSummary[]> {
  const { queries } = database;
  const rows = await queries
    .select({
      set: keySets,
      units: sql<number>`(select count(*)::int from ${keyUnits} where ${keyUnits.setId} = ${keySets.id})`,
    })
    .from(keySets)
    .orderBy(desc(keySets.createdTime), keySets.name)
    .limit(SERVER_LIMITS.listedKeySets);
  const sets = rows.map(({ set }) => set);
  const policies = await findPolicies(queries, sets);
  return Promise.all(rows.map(({ set, units }) => toSetSummary(wrap, set, units, policies.get(set.id) ?? null)));
}

async function toSetSummary(
  wrap: KeyWrap,
  row: SetRow,
  units: number,
  policy: KeyPolicy | null,
): Promise<KeySetSummary> {
  const { id: set, name, openSize, createdTime, retiredTime } = row;
  const transportCheck = checkOf(await wrap.open({ set, slot: null }, row.wrappedTransportKey));
  return { set, name, units, transportCheck, openSize, policy, createdTime, retiredTime };
}

function checkOf(clear: Uint8Array): string {
  const check = toHex(checkValueOf(clear));
  clear.fill(0);
  return check;
}

async function addSet(unit: Unit, name: string, openSize: number | null): Promise<KeySetSummary> {
  const made = await makeSet(unit, unit.database.queries, name, openSize);
  if (made === null) throw new FareboxError('keys/exists', { name });
  return toSetSummary(unit.wrap, made, 0, null);
}

async function addUnits({ database, clock }: Parts, name: string, units: readonly string[]): Promise<number> {
  return database.transaction(async (tx) => {
    const { id: setId } = await lockSet(tx, name);
    if (units.length === 0) return 0;
    const rows = [...new Set(units)].sort().map((unitId) => ({ unitId, setId, addedTime: clock() }));
    const written = await tx.insert(keyUnits).values(rows).onConflictDoNothing().returning({ unit: keyUnits.unitId });
    const elsewhere = await tx
      .select({ unit: keyUnits.unitId, isOver: isNotNull(keySets.retiredTime) })
      .from(keyUnits)
      .innerJoin(keySets, eq(keySets.id, keyUnits.setId))
      .where(and(inArray(keyUnits.unitId, [...units]), ne(keyUnits.setId, setId)))
      .orderBy(keyUnits.unitId)
      .for('update', { of: keyUnits });
    const other = elsewhere.find(({ isOver }) => isOver !== true);
    if (other !== undefined) throw new FareboxError('keys/other-unit', { unit: other.unit });
    await moveUnits(
      tx,
      setId,
      elsewhere.map(({ unit }) => unit),
      clock(),
    );
    return written.length + elsewhere.length;
  });
}

/** Units of sets that are retired get a new one, where versions begin anew: what was over for them alone in the old one says nothing here. */
async function moveUnits(tx: Queries, setId: string, units: readonly string[], addedTime: number): Promise<void> {
  if (units.length === 0) return;
  await tx.delete(keyUnitRetirements).where(inArray(keyUnitRetirements.unitId, [...units]));
  await tx
    .update(keyUnits)
    .set({ setId, addedTime, rule: null, transportDue: true, changes: sql`${keyUnits.changes} + 1` })
    .where(inArray(keyUnits.unitId, [...units]));
}

async function listApps({ database, wrap }: Unit, name: string | null): Promise<readonly ApplicationKeySummary[]> {
  const { queries } = database;
  const setId = name === null ? null : (await findSet(queries, name)).id;
  const holding = queries
    .select({ held: count() })
    .from(keyExports)
    .where(
      and(
        eq(keyExports.setId, applicationKeys.setId),
        eq(keyExports.reference, applicationKeys.reference),
        eq(keyExports.version, applicationKeys.version),
      ),
    );
  const rows = await queries
    .select({ application: applicationKeys, name: keySets.name, units: sql<number>`(${holding})::int` })
    .from(applicationKeys)
    .innerJoin(keySets, eq(keySets.id, applicationKeys.setId))
    .where(setId === null ? undefined : eq(applicationKeys.setId, setId))
    .orderBy(keySets.name, applicationKeys.reference, applicationKeys.version)
    .limit(SERVER_LIMITS.listedApplicationKeys);
  return Promise.all(rows.map((row) => toAppSummary(wrap, row.application, row.name, row.units)));
}

async function toAppSummary(
  wrap: KeyWrap,
  row: ApplicationRow,
  set: string,
  units: number,
): Promise<ApplicationKeySummary> {
  const { reference, version, kind, seriesCount, createdTime, retiredTime } = row;
  const materialCheck = checkOf(await wrap.open({ set: row.setId, slot: { reference, version } }, row.wrappedMaterial));
  return { set, reference, version, kind, count: seriesCount, materialCheck, units, createdTime, retiredTime };
}

async function addApp(unit: Unit, name: string, application: NewApplication): Promise<ApplicationKeySummary> {
  return unit.database.transaction(async (tx) => {
    const { id } = await lockSet(tx, name);
    return toAppSummary(unit.wrap, await makeVersion(unit, tx, id, application), name, 0);
  });
}

async function renewSet(unit: Unit, name: string): Promise<readonly ApplicationKeySummary[]> {
  return unit.database.transaction(async (tx) => {
    const made = await renew(unit, tx, name);
    return Promise.all(made.map((row) => toAppSummary(unit.wrap, row, name, 0)));
  });
}
