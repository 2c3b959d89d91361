// The key unit's port on the database itself: the running server's own, and the command line's while no server runs. A transport key or
// material is made here, wrapped at once, and cleared; check values are all that is ever told of one.

import { and, count, desc, eq, inArray, isNull, ne, sql } from 'drizzle-orm';
import { toHex } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import {
  checkValueOf,
  KEY_LENGTH_BYTES,
  KEY_SET_LENGTH_BYTES,
  requireKeyPurpose,
} from '../../src/protocol/key-unit/application-key.ts';
import { decodeKeyReference } from '../../src/protocol/key-unit/references.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { applicationKeys, keyExports, keySets, keyUnits } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import { exportKeys } from './export-keys.ts';
import type { ApplicationKeySummary, ExportCommand, KeyRegistry, KeySetSummary, NewApplication } from './registry.ts';
import { type KeyWrap, keyWrapOf } from './wrap.ts';

type Parts = Pick<Provider, 'database' | 'config' | 'suite' | 'random' | 'clock'>;
type Unit = Parts & { readonly wrap: KeyWrap };
type SetRow = typeof keySets.$inferSelect;
type ApplicationRow = typeof applicationKeys.$inferSelect;

/** Registry of an opened provider. The key encryption key is opened, or made, by the first call. */
export function directKeys(parts: Parts): KeyRegistry {
  const openWrap = keyWrapOf(parts);
  const unit = async (): Promise<Unit> => ({ ...parts, wrap: await openWrap() });
  return Object.freeze({
    sets: async () => listSets(await unit()),
    addSet: async (name: string) => addSet(await unit(), name),
    addUnits: async (set: string, units: readonly string[]) => addUnits(parts, set, units),
    apps: async (set: string | null) => listApps(await unit(), set),
    addApp: async (set: string, application: NewApplication) => addApp(await unit(), set, application),
    retire: (set: string, reference: string | null, version: number | null) => retire(parts, set, reference, version),
    customize: async (set: string, commands: readonly ExportCommand[]) => {
      const opened = await unit();
      return parts.database.transaction(async (tx) => exportKeys(opened, tx, commands, (await findSet(tx, set)).id));
    },
  } satisfies KeyRegistry);
}

async function findSet(tx: Queries, name: string): Promise<SetRow> {
  const [row] = await tx.select().from(keySets).where(eq(keySets.name, name));
  if (row === undefined) throw new FareboxError('keys/unknown-set', { name });
  return row;
}

/** The set, so that nothing is added to it while it is retired. @throws FareboxError `keys/unknown-set`, `keys/retired`. */
async function lockSet(tx: Queries, name: string): Promise<SetRow> {
  const [row] = await tx.select().from(keySets).where(eq(keySets.name, name)).for('update');
  if (row === undefined) throw new FareboxError('keys/unknown-set', { name });
  if (row.retiredTime !== null) throw new FareboxError('keys/retired', { name });
  return row;
}

async function listSets({ database, wrap }: Unit): Promise<readonly KeySetSummary[]> {
  const rows = await database.queries
    .select({
      set: keySets,
      units: sql<number>`(select count(*)::int from ${keyUnits} where ${keyUnits.setId} = ${keySets.id})`,
    })
    .from(keySets)
    .orderBy(desc(keySets.createdTime), keySets.name)
    .limit(SERVER_LIMITS.listedKeySets);
  return Promise.all(rows.map(({ set, units }) => toSetSummary(wrap, set, units)));
}

async function toSetSummary(wrap: KeyWrap, row: SetRow, units: number): Promise<KeySetSummary> {
  const { id: set, name, createdTime, retiredTime } = row;
  const transportCheck = checkOf(await wrap.open({ set, slot: null }, row.wrappedTransportKey));
  return { set, name, units, transportCheck, createdTime, retiredTime };
}

function checkOf(clear: Uint8Array): string {
  const check = toHex(checkValueOf(clear));
  clear.fill(0);
  return check;
}

async function addSet({ database, wrap, random, clock }: Unit, name: string): Promise<KeySetSummary> {
  decodeKeyReference(name);
  const set = toHex(random(KEY_SET_LENGTH_BYTES));
  const transportKey = random(KEY_LENGTH_BYTES);
  const wrappedTransportKey = await wrap.seal({ set, slot: null }, transportKey);
  transportKey.fill(0);
  const row = { id: set, name, wrappedTransportKey, createdTime: clock(), retiredTime: null };
  const written = await database.queries.insert(keySets).values(row).onConflictDoNothing().returning();
  if (written.length === 0) throw new FareboxError('keys/exists', { name });
  return toSetSummary(wrap, row, 0);
}

async function addUnits({ database, clock }: Parts, name: string, units: readonly string[]): Promise<number> {
  return database.transaction(async (tx) => {
    const { id: setId } = await lockSet(tx, name);
    if (units.length === 0) return 0;
    const rows = [...new Set(units)].sort().map((unitId) => ({ unitId, setId, addedTime: clock() }));
    const written = await tx.insert(keyUnits).values(rows).onConflictDoNothing().returning({ unit: keyUnits.unitId });
    const elsewhere = await tx
      .select({ unit: keyUnits.unitId })
      .from(keyUnits)
      .where(and(inArray(keyUnits.unitId, [...units]), ne(keyUnits.setId, setId)))
      .limit(1);
    if (elsewhere[0] !== undefined) throw new FareboxError('keys/other-unit', { unit: elsewhere[0].unit });
    return written.length;
  });
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
  const { reference, kind, count: seriesCount } = application;
  decodeKeyReference(reference);
  requireKeyPurpose({ kind, count: seriesCount });
  return unit.database.transaction(async (tx) => {
    const { id: setId } = await lockSet(tx, name);
    const [newest] = await tx
      .select({ version: applicationKeys.version })
      .from(applicationKeys)
      .where(and(eq(applicationKeys.setId, setId), eq(applicationKeys.reference, reference)))
      .orderBy(desc(applicationKeys.version))
      .limit(1);
    const version = 1 + (newest?.version ?? 0);
    if (version > LIMITS.keyVersions) throw new FareboxError('keys/malformed', { version });
    const material = unit.random(KEY_LENGTH_BYTES);
    const wrappedMaterial = await unit.wrap.seal({ set: setId, slot: { reference, version } }, material);
    material.fill(0);
    const row = {
      setId,
      reference,
      version,
      kind,
      seriesCount,
      wrappedMaterial,
      createdTime: unit.clock(),
      retiredTime: null,
    };
    await tx.insert(applicationKeys).values(row);
    return toAppSummary(unit.wrap, row, name, 0);
  });
}

async function retire(
  { database, clock }: Parts,
  name: string,
  reference: string | null,
  version: number | null,
): Promise<number> {
  const retiredTime = clock();
  return database.transaction(async (tx) => {
    const { id: setId } = await findSet(tx, name);
    if (reference === null)
      await tx
        .update(keySets)
        .set({ retiredTime })
        .where(and(eq(keySets.id, setId), isNull(keySets.retiredTime)));
    const meant = and(
      eq(applicationKeys.setId, setId),
      reference === null ? undefined : eq(applicationKeys.reference, reference),
      version === null ? undefined : eq(applicationKeys.version, version),
    );
    const known = await tx.select({ version: applicationKeys.version }).from(applicationKeys).where(meant).limit(1);
    if (reference !== null && known.length === 0) throw new FareboxError('keys/no-such-key', { reference });
    const retired = await tx
      .update(applicationKeys)
      .set({ retiredTime })
      .where(and(meant, isNull(applicationKeys.retiredTime)))
      .returning({ version: applicationKeys.version });
    return retired.length;
  });
}
