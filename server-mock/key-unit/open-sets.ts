// Open sets (docs/protocol.md §24): a module of no set that asks for a transport key joins the newest one that has room. When none has, the next
// is made like the newest, with keys of its own: sets stay small, since a module that is broken open gives away what its set shares.

import { and, desc, eq, isNotNull, isNull, lt, sql } from 'drizzle-orm';
import { FareboxError } from '../../src/protocol/errors.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { keySets, keyUnits } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { type Maker, makeSet, makeVersion } from './make-keys.ts';
import { findPolicy, newestVersions, type SetRow, writePolicy } from './policy.ts';

/** Arbitrary, but the same in every process: one module joins at a time, so that the last place is taken once and the next set made once. */
const JOINING_LOCK = 70_024;

const isOpen = and(isNotNull(keySets.openSize), isNull(keySets.retiredTime));

/** Takes a unit of no set into an open one. @returns the set it is in, null where none is open. */
export async function joinOpenSet(maker: Maker, tx: Queries, unitId: string): Promise<SetRow | null> {
  await tx.execute(sql`select pg_advisory_xact_lock(${JOINING_LOCK})`);
  const [newest] = await tx
    .select()
    .from(keySets)
    .where(isOpen)
    .orderBy(desc(keySets.createdTime))
    .limit(1)
    .for('update');
  if (newest === undefined) return null;
  const set = (await hasRoom(tx, newest)) ? newest : ((await findRoom(tx)) ?? (await makeNext(maker, tx, newest)));
  const row = { unitId, setId: set.id, addedTime: maker.clock() };
  const written = await tx.insert(keyUnits).values(row).onConflictDoNothing().returning();
  if (written.length > 0) return set;
  // The keeper has put it into a set in this very moment.
  const [other] = await tx
    .select({ set: keySets })
    .from(keyUnits)
    .innerJoin(keySets, eq(keySets.id, keyUnits.setId))
    .where(eq(keyUnits.unitId, unitId));
  return other?.set ?? null;
}

async function hasRoom(tx: Queries, { id, openSize }: SetRow): Promise<boolean> {
  const units = await tx.$count(keyUnits, eq(keyUnits.setId, id));
  return units < (openSize ?? 0);
}

/** An open set with room that is not the newest: the keeper made another one since, or made two at once. */
async function findRoom(tx: Queries): Promise<SetRow | null> {
  const units = sql<number>`(select count(*) from ${keyUnits} where ${keyUnits.setId} = ${keySets.id})`;
  const [found] = await tx
    .select()
    .from(keySets)
    .where(and(isOpen, lt(units, keySets.openSize)))
    .orderBy(desc(keySets.createdTime))
    .limit(1)
    .for('update');
  return found ?? null;
}

/** A set like this one: the same size, the same keys by name with new material from version 1 on, the same policy. */
async function makeNext(maker: Maker, tx: Queries, last: SetRow): Promise<SetRow> {
  const set = await makeNextNamed(maker, tx, last);
  const offered = [...(await newestVersions(tx, last.id)).values()].filter(({ retiredTime }) => retiredTime === null);
  for (const { reference, kind, seriesCount } of offered)
    await makeVersion(maker, tx, set.id, { reference, kind, count: seriesCount });
  const policy = await findPolicy(tx, last);
  const kinds = new Map(offered.map(({ reference, kind }) => [reference, kind]));
  const series = policy?.series.filter(({ reference }) => kinds.get(reference) === 'series') ?? [];
  // What was retired there without a next version is not offered here either.
  if (policy !== null && kinds.get(policy.master) === 'master' && series.length > 0)
    await writePolicy(tx, set.id, { ...policy, series });
  return set;
}

/** `terminals`, `terminals-2`, `terminals-3` …; a name that is taken is passed over. */
async function makeNextNamed(maker: Maker, tx: Queries, { name, openSize }: SetRow): Promise<SetRow> {
  const [, stem = name, digits = '1'] = /^(.+?)-([1-9]\d{0,6})$/.exec(name) ?? [];
  for (let number = Number(digits) + 1; number <= Number(digits) + SERVER_LIMITS.setNamesTried; number += 1) {
    const ending = `-${number}`;
    const short = stem.slice(0, LIMITS.keyReferenceLength - ending.length).replace(/-+$/, '');
    const made = await makeSet(maker, tx, `${short}${ending}`, openSize);
    if (made !== null) return made;
  }
  throw new FareboxError('keys/exists', { name });
}
