// EXPORTKEY at the key unit (docs/protocol.md §23, SD-2): the checks in their order, then one sealed application key a command. T and the
// material of a call are opened once, used for all its commands, and cleared; nothing of them leaves but what §23 seals.

import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import { fromHex, toBase64Url } from '../../src/protocol/bytes.ts';
import { FareboxError, type FareboxErrorCode } from '../../src/protocol/errors.ts';
import { decodeModuleId } from '../../src/protocol/ids.ts';
import { type ApplicationKey, diversifyKey } from '../../src/protocol/key-unit/application-key.ts';
import { type ExportedKey, exportKey, KEY_RANDOM_LENGTH_BYTES } from '../../src/protocol/key-unit/export-key.ts';
import type { TransportKey } from '../../src/protocol/key-unit/operation-key.ts';
import { isKeyReference } from '../../src/protocol/key-unit/references.ts';
import { NONCE_LENGTH_BYTES } from '../../src/protocol/suite/suite.ts';
import { applicationKeys, keyExports, keySets, keyUnitRetirements, keyUnits } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import type { Provider } from '../provider.ts';
import type { ExportAnswer, ExportCommand } from './registry.ts';
import type { KeyWrap } from './wrap.ts';

type Parts = Pick<Provider, 'random' | 'clock'> & { readonly wrap: KeyWrap };
type Application = typeof applicationKeys.$inferSelect;

/** Everything opened for one call, cleared behind it. */
type Opened = {
  readonly transports: Map<string, TransportKey>;
  readonly materials: Map<string, Uint8Array>;
};

/**
 * Answers commands in their order, in the caller's transaction; one that is refused changes nothing and stops no other. `expectedSet`: id of
 * the set in which the caller looks for the units; null where any will do.
 */
export async function exportKeys(
  parts: Parts,
  tx: Queries,
  commands: readonly ExportCommand[],
  expectedSet: string | null,
): Promise<readonly ExportAnswer[]> {
  const found = await findAll(tx, commands);
  const opened: Opened = { transports: new Map(), materials: new Map() };
  const given: { command: ExportCommand; application: Application }[] = [];
  try {
    const answers: ExportAnswer[] = [];
    for (const command of commands) {
      const refused = refusalOf(command, found, expectedSet);
      const application = found.applications.get(keyOf(found.sets.get(command.unit) ?? '', command.reference));
      if (refused !== null || application === undefined) {
        answers.push({ error: refused ?? 'keys/no-such-key' });
        continue;
      }
      answers.push(answerOf(await exportOne(parts, tx, opened, command, application)));
      given.push({ command, application });
    }
    await noteExports(tx, given, parts.clock());
    return answers;
  } finally {
    for (const { transportKey } of opened.transports.values()) transportKey.fill(0);
    for (const material of opened.materials.values()) material.fill(0);
  }
}

/** The code of the first check that does not hold, or null. */
function refusalOf(
  { unit, reference, random }: ExportCommand,
  found: Found,
  expectedSet: string | null,
): FareboxErrorCode | null {
  if (!isKeyReference(reference) || random.length !== 2 * KEY_RANDOM_LENGTH_BYTES) return 'keys/malformed';
  const set = found.sets.get(unit);
  if (set === undefined) return 'keys/unknown-unit';
  if (expectedSet !== null && set !== expectedSet) return 'keys/other-unit';
  const application = found.applications.get(keyOf(set, reference));
  const isGone = application === undefined || found.retired.has(nameFor(unit, application));
  return isGone ? 'keys/no-such-key' : null;
}

type Found = {
  /** Unit → id of its set. */
  readonly sets: ReadonlyMap<string, string>;
  /** Set and reference → the newest version that is not retired. */
  readonly applications: ReadonlyMap<string, Application>;
  /** Units and versions that are over for that unit alone. */
  readonly retired: ReadonlySet<string>;
};

const NOTHING: Found = { sets: new Map(), applications: new Map(), retired: new Set() };

function keyOf(set: string, reference: string): string {
  return `${set}/${reference}`;
}

function nameFor(unit: string, { reference, version }: { reference: string; version: number }): string {
  return `${unit} ${reference}/${version}`;
}

async function findAll(tx: Queries, commands: readonly ExportCommand[]): Promise<Found> {
  const units = [...new Set(commands.map(({ unit }) => unit))];
  const references = [...new Set(commands.map(({ reference }) => reference))];
  if (units.length === 0) return NOTHING;
  const members = await tx.select().from(keyUnits).where(inArray(keyUnits.unitId, units));
  const setIds = [...new Set(members.map(({ setId }) => setId))];
  if (setIds.length === 0) return NOTHING;
  const offered = await tx
    .select({ application: applicationKeys })
    .from(applicationKeys)
    .innerJoin(keySets, eq(keySets.id, applicationKeys.setId))
    .where(
      and(
        inArray(applicationKeys.setId, setIds),
        inArray(applicationKeys.reference, references),
        isNull(applicationKeys.retiredTime),
        isNull(keySets.retiredTime),
      ),
    )
    .orderBy(applicationKeys.version);
  const over = await tx.select().from(keyUnitRetirements).where(inArray(keyUnitRetirements.unitId, units));
  return {
    retired: new Set(over.map((row) => nameFor(row.unitId, row))),
    sets: new Map(members.map(({ unitId, setId }) => [unitId, setId])),
    // Ascending, so that the newest version is the one that stays.
    applications: new Map(
      offered.map(({ application }) => [keyOf(application.setId, application.reference), application]),
    ),
  };
}

async function exportOne(
  parts: Parts,
  tx: Queries,
  opened: Opened,
  command: ExportCommand,
  application: Application,
): Promise<ExportedKey> {
  const { setId, reference, version, kind, seriesCount } = application;
  const transport = opened.transports.get(setId) ?? (await openTransport(parts, tx, setId));
  opened.transports.set(setId, transport);
  const materialName = keyOf(setId, reference);
  const slot = { reference, version };
  const material =
    opened.materials.get(materialName) ?? (await parts.wrap.open({ set: setId, slot }, application.wrappedMaterial));
  opened.materials.set(materialName, material);
  const unit = decodeModuleId(command.unit, 'keys/malformed');
  const made: ApplicationKey = diversifyKey({
    ...{ material, set: transport.set, unit, slot },
    purpose: { kind, count: seriesCount },
  });
  try {
    const exchange = { transport, unit, random: fromHex(command.random) };
    return exportKey(exchange, { slot, application: made, nonce: parts.random(NONCE_LENGTH_BYTES) });
  } finally {
    made.applicationKey.fill(0);
  }
}

async function openTransport({ wrap }: Parts, tx: Queries, setId: string): Promise<TransportKey> {
  const [row] = await tx.select().from(keySets).where(eq(keySets.id, setId));
  if (row === undefined) throw new FareboxError('server/internal', { set: setId });
  return { set: fromHex(setId), transportKey: await wrap.open({ set: setId, slot: null }, row.wrappedTransportKey) };
}

function answerOf({ sealedKey, slot, signature, certificate }: ExportedKey): ExportAnswer {
  return {
    sealedKey: toBase64Url(sealedKey),
    slot,
    signature: toBase64Url(signature),
    certificate: toBase64Url(certificate),
  };
}

async function noteExports(
  tx: Queries,
  given: readonly { command: ExportCommand; application: Application }[],
  now: number,
): Promise<void> {
  const rows = new Map<string, typeof keyExports.$inferInsert>();
  for (const { command, application } of given) {
    const { unit: unitId, reference } = command;
    const { setId, version } = application;
    const exports = 1 + (rows.get(keyOf(unitId, reference))?.exports ?? 0);
    rows.set(keyOf(unitId, reference), { unitId, setId, reference, version, exports, lastTime: now });
  }
  if (rows.size === 0) return;
  // Sorted, so that two calls that name the same units wait for each other rather than forever.
  const sorted = [...rows.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
  await tx
    .insert(keyExports)
    .values(sorted)
    .onConflictDoUpdate({
      target: [keyExports.unitId, keyExports.reference],
      set: {
        setId: sql`excluded.set_id`,
        version: sql`excluded.version`,
        exports: sql`${keyExports.exports} + excluded.exports`,
        lastTime: sql`excluded.last_time`,
      },
    });
}
