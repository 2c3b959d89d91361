// What a restore or a recovery came to, as the screens show it. Called by the commands; built field by field from the sealed row and from the
// sessions that are here.

import { NO_CURRENCY } from '../../protocol/amount.ts';
import type { RestoredThing, RestoreReport } from '../commands.ts';
import type { Core } from '../core.ts';
import { type KeptThing, type Restored, readRestored } from '../restored.ts';
import { meterOf } from '../session/frame-life.ts';
import { openSessionRow } from '../session/session-codec.ts';
import { BACKUP_LIMITS } from './backup-limits.ts';
import { inBatches } from './in-batches.ts';

/** The report of the last restore or recovery, or null. @throws FareboxError `store/altered`. */
export async function readReport(core: Pick<Core, 'store' | 'keys'>): Promise<RestoreReport | null> {
  const restored = await readRestored(core);
  if (restored === null) return null;
  const { source, time, things } = restored;
  // What needs a look first; a sort keeps the order among equals.
  const shown = [...things]
    .sort((left, right) => Number(left.outcome === 'found') - Number(right.outcome === 'found'))
    .slice(0, BACKUP_LIMITS.reportedThings);
  return {
    source,
    time,
    reconciled: isReconciled(restored),
    counts: {
      found: countOf(things, 'found'),
      notFound: countOf(things, 'not-found'),
      used: countOf(things, 'used'),
      unreachable: countOf(things, 'unreachable'),
    },
    things: await inBatches(shown, (thing) => viewThing(core, thing, restored)),
  };
}

/** True once every provider of what was brought back has been asked. */
export function isReconciled({ things, asked }: Restored): boolean {
  if (things.length === 0) return true;
  const owners = new Set(things.flatMap(({ provider }) => provider ?? []));
  // Things that nothing readable names an owner for are asked of whoever is asked first.
  return owners.size === 0 ? asked.length > 0 : [...owners].every((provider) => asked.includes(provider));
}

function countOf(things: readonly KeptThing[], outcome: KeptThing['outcome']): number {
  return things.filter((thing) => thing.outcome === outcome).length;
}

async function viewThing(
  core: Pick<Core, 'store' | 'keys'>,
  { session, kind, outcome, place }: KeptThing,
  { currency }: Restored,
): Promise<RestoredThing> {
  const row = await core.store.session(session);
  if (row === null) {
    return { session, title: '', kind, outcome, place, currency: currency ?? NO_CURRENCY, amountMinor: 0 };
  }
  const loaded = await openSessionRow({ ...row, secrets: null, secretsKey: null }, core.keys);
  const { title, currency: agreed } = loaded.terms;
  return { session, title, kind, outcome, place, currency: agreed, amountMinor: meterOf(loaded).amountMinor };
}
