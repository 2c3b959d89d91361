// The rows of a store that is begun anew from what was gathered: one commit, whole or not at all. Called by recovery and restore inside
// replaceStore. The record goes on after the highest place that is known; its first entry says why it was begun anew.

import type { FareboxErrorCode } from '../../protocol/errors.ts';
import { encodeEntry, nextHead } from '../../protocol/record-entry.ts';
import type { ModuleKeys, Surroundings } from '../core.ts';
import type { NewEntry, RecordPlace } from '../record/draft.ts';
import { sealPage } from '../record/page.ts';
import { type Restored, sealRestored } from '../restored.ts';
import { sealSession, sealTerms } from '../session/session-codec.ts';
import type { StoreCommit } from '../store/record-store.ts';
import {
  type BackupRow,
  type IdentityRow,
  type OperationRow,
  type PageRow,
  ROW_VERSION,
  type SessionRow,
  type SettingsRow,
  type VaultSlot,
} from '../store/rows.ts';
import { BACKUP_LIMITS } from './backup-limits.ts';
import type { Gathered, GatheredSession } from './gather.ts';
import { inBatches } from './in-batches.ts';

/** What a store is begun from. */
export type NewStore = {
  readonly gathered: Gathered;
  readonly source: Restored['source'];
  /** Why: the code of the `alarm` entry. */
  readonly code: FareboxErrorCode;
  /** Places that were known; the record goes on after the one with the highest counter. */
  readonly places: readonly RecordPlace[];
  /** Its next epoch pending. */
  readonly identity: IdentityRow;
  readonly keys: ModuleKeys;
  readonly vault: readonly VaultSlot[];
  readonly settings: SettingsRow;
  readonly backup: BackupRow | null;
};

type Making = Pick<Surroundings, 'random'>;
type Rows = Omit<StoreCommit, 'expectedRevision' | 'reset'>;

const WAITING_FOR_PROVIDER = { status: 'waiting', code: 'standing/needed' } as const;

/** Everything the commit writes, at `time` (ms since 1970). The revision is for `replaceStore` to set. */
export async function makeStoreRows({ random }: Making, given: NewStore, time: number): Promise<Rows> {
  const { gathered, keys } = given;
  const before = placeAfter(given);
  const closing = gathered.sessions.filter(({ state }) => state === 'closing');
  const entries: readonly NewEntry[] = [
    { kind: 'alarm', code: given.code },
    ...closing.map(({ session }): NewEntry => ({ kind: 'closed', session })),
  ];
  const { pages, place } = await sealEntries(entries, before, time, keys, random);
  const alarmCounter = before.counter + 1;
  const closedCounters = new Map(closing.map(({ session }, at) => [session, alarmCounter + 1 + at]));
  const restored = {
    ...{ source: given.source, time, alarmCounter, asked: [], currency: null },
    things: gathered.things,
  };
  const sessions = await inBatches(gathered.sessions, (gone) =>
    sealGathered(gone, closedCounters.get(gone.session), keys, random),
  );
  return {
    header: { name: 'header', version: ROW_VERSION, revision: 0, ...place },
    meta: [
      { name: 'vault', version: ROW_VERSION, slots: given.vault },
      given.identity,
      given.settings,
      await sealRestored(restored, keys.recordKey, random),
      ...(given.backup === null ? [] : [given.backup]),
    ],
    removedMeta: [],
    pages,
    sessions,
    held: [],
    releasedSessions: [],
    receipts: gathered.receipts.map((receipt) => ({ ...receipt, version: ROW_VERSION })),
    operations: [...operationsOf(gathered.sessions, time), ...ownOperations(gathered, time)],
  };
}

/**
 * The highest place that is known, and never below an entry that a session speaks of: what was played after the checkpoint was counted, too.
 * Another life's heads are compared by nobody (docs/protocol.md §14), so the chain may begin anew above a gap.
 */
function placeAfter({ places, gathered }: NewStore): RecordPlace {
  const highest = places.reduce((high, place) => (place.counter > high.counter ? place : high));
  const counter = gathered.sessions.reduce(
    (most, { progress }) => Math.max(most, progress.lastCounter),
    highest.counter,
  );
  return { counter, head: highest.head };
}

async function sealEntries(
  entries: readonly NewEntry[],
  before: RecordPlace,
  time: number,
  keys: ModuleKeys,
  random: Making['random'],
): Promise<{ readonly pages: readonly PageRow[]; readonly place: RecordPlace }> {
  const pages: PageRow[] = [];
  let place = before;
  for (let at = 0; at < entries.length; at += BACKUP_LIMITS.entriesPerPage) {
    const first = place;
    const encoded = entries.slice(at, at + BACKUP_LIMITS.entriesPerPage).map((entry) => {
      const bytes = encodeEntry({ ...entry, counter: place.counter + 1, time });
      place = { counter: place.counter + 1, head: nextHead(place.head, bytes) };
      return bytes;
    });
    pages.push(await sealPage(encoded, first, keys.recordKey, random));
  }
  return { pages, place };
}

/** Two sealing operations for a session, as for any that is written. */
async function sealGathered(
  gathered: GatheredSession,
  closedCounter: number | undefined,
  keys: ModuleKeys,
  random: Making['random'],
): Promise<SessionRow> {
  const sealedTerms = await sealTerms(gathered.session, gathered.terms, keys.recordKey, random);
  const lastCounter = closedCounter ?? gathered.progress.lastCounter;
  const progress = { ...gathered.progress, lastCounter };
  return sealSession({ ...gathered, progress, sealedTerms, secrets: null, secretsKey: null }, keys, random);
}

/** What is not settled; what is has no operation any more. A session that was closed here needs its provider before it gets its receipt. */
function operationsOf(sessions: readonly GatheredSession[], changedTime: number): readonly OperationRow[] {
  return sessions.flatMap(({ session, state }): OperationRow[] => {
    const named = { name: `session/${session}`, version: ROW_VERSION, kind: 'session', session, changedTime } as const;
    if (state === 'closing') return [{ ...named, ...WAITING_FOR_PROVIDER }];
    if (state === 'closed') return [{ ...named, status: 'waiting', code: null }];
    return state === 'refused' ? [{ ...named, status: 'failed', code: 'receipt/refused' }] : [];
  });
}

/** The epoch waits for the agency; the restore for the providers, where there is anything to ask them about. */
function ownOperations({ things }: Gathered, changedTime: number): readonly OperationRow[] {
  const own = { version: ROW_VERSION, session: null, changedTime } as const;
  const restored = things.length === 0 ? ({ status: 'done', code: null } as const) : WAITING_FOR_PROVIDER;
  return [
    { ...own, name: 'restore', kind: 'restore', ...restored },
    { ...own, name: 'epoch', kind: 'epoch', status: 'waiting', code: null },
  ];
}
