// The modules' port on the database itself: the running server's own, and the command line's while no server runs.

import { desc, eq, sql } from 'drizzle-orm';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeModuleId, type ModuleId } from '../../src/protocol/ids.ts';
import { distrust, trust } from '../agency/untrusted.ts';
import { listAlarms } from '../contacts/alarms.ts';
import type { Queries } from '../db/open.ts';
import { alarms, modules, pastEpochs, untrustedIds } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import type { KeptAlarm, ModuleDetails, ModuleRegistry, ModuleSummary, PastEpoch } from './registry.ts';

/** Registry of an opened provider. */
export function directModules({ database, clock }: Pick<Provider, 'database' | 'clock'>): ModuleRegistry {
  const { queries } = database;
  return Object.freeze({
    list: async () => (await summaries(queries).limit(SERVER_LIMITS.listedModules)).map(toSummary),
    find: (id: ModuleId) => findModule(queries, id),
    distrust: (id: ModuleId) => distrust(queries, id, clock()),
    trust: (id: ModuleId) => trust(queries, id),
  } satisfies ModuleRegistry);
}

type Row = typeof modules.$inferSelect;
type SummaryRow = { readonly module: Row; readonly untrustedId: string | null; readonly alarmCount: number };

function summaries(queries: Queries) {
  return queries
    .select({
      module: modules,
      untrustedId: untrustedIds.id,
      alarmCount: sql<number>`(select count(*)::int from ${alarms} where ${alarms.moduleId} = ${modules.id})`,
    })
    .from(modules)
    .leftJoin(untrustedIds, eq(untrustedIds.id, modules.id))
    .orderBy(desc(modules.enrolledTime), modules.id)
    .$dynamic();
}

function toSummary({ module, untrustedId, alarmCount }: SummaryRow): ModuleSummary {
  return {
    id: decodeModuleId(module.id, 'server/internal'),
    trusted: untrustedId === null,
    enrolledTime: module.enrolledTime,
    epoch: module.epoch,
    epochTime: module.epochTime,
    lastCounter: Number(module.lastCounter),
    lastContactTime: module.lastContactTime,
    alarmCount,
  };
}

async function findModule(queries: Queries, id: ModuleId): Promise<ModuleDetails> {
  const [row] = await summaries(queries).where(eq(modules.id, id));
  if (row === undefined) throw new FareboxError('module/unknown', { module: id });
  const past = await queries
    .select()
    .from(pastEpochs)
    .where(eq(pastEpochs.moduleId, id))
    .orderBy(desc(pastEpochs.epoch))
    .limit(SERVER_LIMITS.listedEpochs);
  const { device, lastHead, certificateExpires } = row.module;
  return {
    ...toSummary(row),
    device,
    lastHead,
    certificateExpires,
    pastEpochs: past.map(toPastEpoch),
    alarms: (await listAlarms(queries, id)).map(toKeptAlarm),
  };
}

function toPastEpoch({ moduleId, ...row }: typeof pastEpochs.$inferSelect): PastEpoch {
  return { ...row, lastCounter: Number(row.lastCounter) };
}

function toKeptAlarm({ moduleId, evidenceHash, ...row }: typeof alarms.$inferSelect): KeptAlarm {
  return {
    ...row,
    id: Number(row.id),
    shownCounter: Number(row.shownCounter),
    expectedCounter: row.expectedCounter === null ? null : Number(row.expectedCounter),
  };
}
