// Holds what a restore brought back against the provider's signed word, once: found, not found, already used, or still out of reach. Called by
// standing/ when a standing was kept, and when papers were. Then the sessions that the restore closed get their receipts.

import { FareboxError } from '../../protocol/errors.ts';
import { type ContentHash, hashObject, type SessionId } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { SignedStanding, StandingSession } from '../../protocol/standing.ts';
import type { Core } from '../core.ts';
import { commitReceipt } from '../receipts/receipt-drawer.ts';
import { type KeptThing, type Restored, readRestored, sealRestored } from '../restored.ts';
import { ROW_VERSION } from '../store/rows.ts';
import { inBatches } from './in-batches.ts';
import { isReconciled } from './report.ts';

/** Brings the report up to date with a standing that was verified; durable on return. Does nothing where nothing was restored. @throws FareboxError `store/*`. */
export async function reconcileReport(core: Core, standing: SignedStanding): Promise<void> {
  const restored = await readRestored(core);
  if (restored === null) return;
  const closed = await closedByRestore(core);
  const judged = await judge(core, restored, standing, new Set(closed));
  if (isNews(restored, judged)) await commitRestored(core, restored, judged);
  for (const session of closed) await commitReceiptIfDue(core, session);
}

/** Sessions that a restore closed and that have no receipt yet, found by what they wait for. */
export async function closedByRestore(core: Pick<Core, 'store'>): Promise<readonly SessionId[]> {
  const waiting = await core.store.operations('waiting', LIMITS.snapshotThings);
  return waiting.flatMap(({ session, code }) => (session !== null && code === 'standing/needed' ? session : []));
}

/** Makes the receipt of a session that a restore closed, or leaves it: while the new epoch or its provider's word is still to come, and for good where the provider has one. */
export async function commitReceiptIfDue(core: Core, session: SessionId): Promise<void> {
  try {
    await commitReceipt(core, session);
  } catch (error) {
    if (!(error instanceof FareboxError) || !NOT_DUE.has(error.code)) throw error;
  }
}

const NOT_DUE: ReadonlySet<string> = new Set(['enrolment/needed', 'standing/needed', 'receipt/refused']);

/** What was decided stays decided, but for a session that has no receipt yet: the copy that was lost may still have delivered one. */
async function judge(
  core: Core,
  restored: Restored,
  standing: SignedStanding,
  closed: ReadonlySet<SessionId>,
): Promise<Restored> {
  const { provider, currency } = standing;
  const isFirst = !restored.asked.includes(provider);
  const known = new Map(standing.sessions.map((session) => [session.session, session]));
  const things = await inBatches(restored.things, async (thing): Promise<KeptThing> => {
    const isOpen = thing.outcome === 'unreachable' || (thing.kind === 'session' && closed.has(thing.session));
    const isTheirs = (thing.provider ?? provider) === provider;
    return isOpen && isTheirs ? judgeThing(core, thing, known.get(thing.session), standing) : thing;
  });
  const added = isFirst ? await onlyThere(core, restored, standing) : [];
  const asked = isFirst ? [...restored.asked, provider] : restored.asked;
  return { ...restored, currency, asked, things: [...things, ...added] };
}

function isNews(before: Restored, after: Restored): boolean {
  const isSame = (thing: KeptThing, other: KeptThing | undefined) =>
    thing.outcome === other?.outcome && thing.place === other.place && thing.provider === other.provider;
  return (
    before.asked.length !== after.asked.length || !after.things.every((thing, at) => isSame(thing, before.things[at]))
  );
}

async function judgeThing(
  core: Core,
  thing: KeptThing,
  there: StandingSession | undefined,
  { provider, sessions }: SignedStanding,
): Promise<KeptThing> {
  if (there === undefined) {
    // A full list is the newest sessions only: what is not on it may be older.
    const isWhole = sessions.length < LIMITS.standingSessions;
    return isWhole && thing.place !== 'provider' ? { ...thing, outcome: 'not-found' } : thing;
  }
  const owned = { ...thing, provider };
  const here = await receiptHashOf(core, thing.session);
  if (there.receiptHash === here || there.receiptHash === null) {
    // A session that is nowhere but with the provider is not found before its papers are here.
    const isHere = here !== null || (await core.store.session(thing.session)) !== null;
    return { ...owned, outcome: isHere ? 'found' : 'not-found' };
  }
  if (here !== null) return { ...owned, outcome: 'used' };
  const isHere = (await core.store.session(thing.session)) !== null;
  // The provider has its receipt and this copy has none: from here it is out of reach until its papers come.
  return { ...owned, place: 'provider', outcome: isHere ? 'used' : 'unreachable' };
}

/** What the provider has and nothing here speaks of: it came after the backup was made. */
async function onlyThere(core: Core, restored: Restored, standing: SignedStanding): Promise<readonly KeptThing[]> {
  const listed = new Set(restored.things.map(({ session }) => session));
  const missing = standing.sessions.filter(({ session }) => !listed.has(session));
  const things = await inBatches(missing, async ({ session, receiptHash }): Promise<KeptThing[]> => {
    if ((await core.store.session(session)) !== null) return [];
    const { provider } = standing;
    return [
      receiptHash === null
        ? { session, kind: 'session', outcome: 'not-found', place: 'provider', provider }
        : { session, kind: 'receipt', outcome: 'unreachable', place: 'provider', provider },
    ];
  });
  return things.flat();
}

async function receiptHashOf(core: Core, session: SessionId): Promise<ContentHash | null> {
  const row = await core.store.receipt(session);
  return row === null ? null : hashObject(row.receipt);
}

async function commitRestored(core: Core, before: Restored, after: Restored): Promise<void> {
  const row = await sealRestored(after, core.keys.recordKey, core.random);
  await core.committer.commit({
    sessions: [],
    apply: (draft) => {
      draft.putMeta(row);
      if (isReconciled(before) || !isReconciled(after)) return;
      draft.putOperation({
        ...{ name: 'restore', version: ROW_VERSION, kind: 'restore', status: 'done' },
        ...{ code: null, session: null, changedTime: draft.time },
      });
    },
  });
}
