// The agreements of the key unit as its keeper sees them (docs/protocol.md §24): which are in force at this moment, and how often a wrong PIN was
// tried. Looks only; nothing is noted.

import { and, count, eq, gt, inArray } from 'drizzle-orm';
import type { SelectionRule } from '../../src/protocol/derived-keys/rules.ts';
import { clientBlocks, keySets, keyUnits, wrongPins } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import { modules } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { decodeContent, encodeContent } from './agreed-content.ts';
import { findWanted, type SetRow } from './policy.ts';
import type { AgreementSummary } from './registry.ts';

type Listed = {
  readonly block: typeof clientBlocks.$inferSelect;
  readonly set: SetRow;
  /** The unit's own. */
  readonly rule: SelectionRule | null;
  readonly epoch: number;
};

/** The newest agreement with each module of this set (id), or of all, by set and module. */
export async function listAgreements(
  tx: Queries,
  setId: string | null,
  now: number,
): Promise<readonly AgreementSummary[]> {
  const rows: readonly Listed[] = await tx
    .select({ block: clientBlocks, set: keySets, rule: keyUnits.rule, epoch: modules.epoch })
    .from(clientBlocks)
    .innerJoin(keyUnits, eq(keyUnits.unitId, clientBlocks.moduleId))
    .innerJoin(keySets, eq(keySets.id, keyUnits.setId))
    .innerJoin(modules, eq(modules.id, clientBlocks.moduleId))
    .where(setId === null ? undefined : eq(keySets.id, setId))
    .orderBy(keySets.name, clientBlocks.moduleId)
    .limit(SERVER_LIMITS.listedAgreements);
  const wanted = await findAllWanted(tx, rows);
  const tries = await countTries(
    tx,
    rows.map(({ block }) => block.moduleId),
    now,
  );
  return rows.map(({ block, set, epoch }) => {
    const { moduleId: module, number, acceptedTime, count: last } = block;
    const isWanted = block.setId === set.id && block.epoch === epoch && wanted.get(module) === block.content;
    const { rule } = decodeContent(block.content);
    const inForce = isWanted && acceptedTime !== null;
    return {
      set: set.name,
      module,
      number,
      rule,
      acceptedTime,
      inForce,
      count: last,
      wrongPins: tries.get(module) ?? 0,
    };
  });
}

/** Module → the text of what is wanted of it; nothing for one with which nothing can be agreed. */
async function findAllWanted(tx: Queries, rows: readonly Listed[]): Promise<ReadonlyMap<string, string>> {
  const wanted = new Map<string, string>();
  for (const members of Map.groupBy(rows, ({ set }) => set.id).values()) {
    const set = members[0]?.set;
    if (set === undefined) continue;
    const units = members.map(({ block, rule }) => ({ unitId: block.moduleId, rule }));
    for (const [module, content] of await findWanted(tx, set, units))
      if (content !== null) wanted.set(module, encodeContent(content));
  }
  return wanted;
}

async function countTries(tx: Queries, listed: readonly string[], now: number): Promise<ReadonlyMap<string, number>> {
  if (listed.length === 0) return new Map();
  const lately = gt(wrongPins.triedTime, now - SERVER_LIMITS.wrongPinKeptMs);
  const rows = await tx
    .select({ module: wrongPins.moduleId, tries: count() })
    .from(wrongPins)
    .where(and(inArray(wrongPins.moduleId, [...listed]), lately))
    .groupBy(wrongPins.moduleId);
  return new Map(rows.map(({ module, tries }) => [module, tries]));
}
