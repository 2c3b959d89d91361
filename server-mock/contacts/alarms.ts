// What shows that a module has a copy, kept as evidence: signed bytes that were refused, and what was expected in their
// place. contact.ts and the receipts make alarms; a refusal rolls its transaction back, so its alarm has one of its own.

import { and, desc, eq, min, sql } from 'drizzle-orm';
import { FareboxError, type FareboxErrorCode } from '../../src/protocol/errors.ts';
import { hashObject, type ModuleId } from '../../src/protocol/ids.ts';
import type { Database, Queries } from '../db/open.ts';
import { alarms, modules } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { AlarmKind, Place } from './judge.ts';

/** One piece of evidence. */
export type Alarm = {
  readonly module: ModuleId;
  /** Epoch of the signed bytes. */
  readonly epoch: number;
  readonly kind: AlarmKind;
  readonly source: 'contact' | 'receipt';
  /** COSE bytes of the response or receipt that was refused, and of the certificate beside it. */
  readonly evidence: Uint8Array;
  readonly certificate: Uint8Array;
  /** The place they show. */
  readonly shown: Place;
  /** What was expected there; null where the epoch decided. A head of null: only the counter was expected. */
  readonly expected: { readonly counter: bigint; readonly head: Uint8Array | null } | null;
  /** COSE bytes by which the same key had shown what was expected, where they are known. */
  readonly expectedEvidence: Uint8Array | null;
  /** Milliseconds since 1970. */
  readonly time: number;
};

const CODES = {
  regress: 'record/regress',
  fork: 'record/fork',
  superseded: 'module/superseded',
} as const satisfies Record<AlarmKind, FareboxErrorCode>;

/** A refusal that leaves evidence: whoever rolls its transaction back keeps the alarm afterwards. */
export class RecordRefusal extends FareboxError {
  readonly alarm: Alarm;

  constructor(alarm: Alarm) {
    super(CODES[alarm.kind], { epoch: alarm.epoch });
    this.alarm = alarm;
  }
}

/** Runs work that may end in a refusal, and keeps the evidence of one, durable before the refusal goes on. */
export async function keepingAlarms<T>(database: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof RecordRefusal) await database.transaction((tx) => keepAlarm(tx, cause.alarm));
    throw cause;
  }
}

/** Keeps an alarm; the same bytes again are the same alarm. Of each kind in each epoch the first and the newest stay. */
export async function keepAlarm(tx: Queries, alarm: Alarm): Promise<void> {
  // One at a time for a module, so that the bound holds.
  await tx.select({ id: modules.id }).from(modules).where(eq(modules.id, alarm.module)).for('update');
  const { module: moduleId, shown, expected, ...kept } = alarm;
  const inserted = await tx
    .insert(alarms)
    .values({
      ...kept,
      moduleId,
      evidenceHash: hashObject(alarm.evidence),
      shownCounter: shown.counter,
      shownHead: shown.head,
      expectedCounter: expected?.counter ?? null,
      expectedHead: expected?.head ?? null,
    })
    .onConflictDoNothing()
    .returning({ id: alarms.id });
  if (inserted.length > 0) await dropSurplus(tx, moduleId);
}

async function dropSurplus(tx: Queries, module: ModuleId): Promise<void> {
  const { newestAlarms, alarmsPerModule } = SERVER_LIMITS;
  await tx.execute(sql`
    delete from ${alarms} where id in (
      select id from (
        select id,
          row_number() over (partition by epoch, kind order by id) as from_first,
          row_number() over (partition by epoch, kind order by id desc) as from_newest
        from ${alarms} where module_id = ${module}
      ) as ranked where from_first > 1 and from_newest > ${newestAlarms}
    )`);
  await tx.execute(sql`
    delete from ${alarms} where id in (
      select id from ${alarms} where module_id = ${module} order by epoch desc, id offset ${alarmsPerModule}
    )`);
}

/** When the first alarm of a kind in an epoch was raised, milliseconds since 1970; null where there is none. */
export async function firstAlarmTime(
  queries: Queries,
  module: ModuleId,
  epoch: number,
  kind: AlarmKind,
): Promise<number | null> {
  const [row] = await queries
    .select({ time: min(alarms.time) })
    .from(alarms)
    .where(and(eq(alarms.moduleId, module), eq(alarms.epoch, epoch), eq(alarms.kind, kind)));
  return row?.time ?? null;
}

/** Every alarm kept of a module, newest first; their number is bounded. */
export function listAlarms(queries: Queries, module: ModuleId): Promise<(typeof alarms.$inferSelect)[]> {
  return queries.select().from(alarms).where(eq(alarms.moduleId, module)).orderBy(desc(alarms.id));
}
