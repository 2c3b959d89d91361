// The way back from a store that was lost or altered (docs/protocol.md §14): from the checkpoint, and from what of the database still holds,
// into one commit. Called by the command `recover`. Cut anywhere, the store is still lost, or it is back.

import { FareboxError } from '../../protocol/errors.ts';
import type { ModuleId } from '../../protocol/ids.ts';
import { decodeSnapshot, type Snapshot } from '../../protocol/snapshot.ts';
import type { Surroundings } from '../core.ts';
import type { LostStore } from '../life.ts';
import type { RecordPlace } from '../record/draft.ts';
import { replaceStore } from '../record/replace-store.ts';
import { settingsOf } from '../settings/settings.ts';
import { openCheckpoint } from '../store/checkpoint.ts';
import type { RecordStore } from '../store/record-store.ts';
import type { BackupRow, HeaderRow, IdentityRow, MetaName, MetaRow, SettingsRow } from '../store/rows.ts';
import { openBackupSecret } from './backup-secret.ts';
import { readDatabase } from './database-source.ts';
import { gather, type Source } from './gather.ts';
import { ifHolds } from './if-holds.ts';
import { makeStoreRows } from './new-store.ts';
import { identityFromSnapshot, withNextEpoch } from './next-epoch.ts';
import { wipeKeys } from './snapshot.ts';

/** What is left of a lost module in this browser. */
export type Remains = {
  /** What the checkpoint holds, or null where there is none, or none of a module with keys. */
  readonly snapshot: Snapshot | null;
  /** The identity in the database, where it can be read. */
  readonly identity: IdentityRow | null;
  /** Database and checkpoint, as far as they hold. */
  readonly sources: readonly Source[];
  readonly places: readonly RecordPlace[];
};

/** Begins the store anew from its remains; durable on return. @throws FareboxError `restore/nothing`, `store/replaced` where another tab was faster, `store/*`. */
export async function recoverStore(around: Surroundings, lost: LostStore): Promise<void> {
  const { store, locks, keys } = lost;
  const judged = await store.revision();
  await replaceStore({ store, locks, clock: around.clock, random: around.random }, async (header, time) => {
    await expectUntouched(store, judged);
    const remains = await readRemains(around, lost, header);
    const gathered = gather(remains.sources);
    const identity = await goOnAs(around, lost, remains);
    const settings = (await readMeta(store, 'settings')) ?? settingsFrom(remains.snapshot);
    const backup = await readBackup(lost);
    const { code, rootVault: vault } = lost;
    const { places } = remains;
    const given = { gathered, source: 'checkpoint', code, places, identity, keys, vault, settings, backup } as const;
    return makeStoreRows(around, given, time);
  });
}

/** Asked under the lock: two tabs may want the same. @throws FareboxError `store/replaced` where the revision is not `judged` any more. */
export async function expectUntouched(store: RecordStore, judged: number | null): Promise<void> {
  if ((await store.revision()) !== judged) throw new FareboxError('store/replaced');
}

/**
 * Reads what is left; the caller wipes the snapshot's keys. `assumed` is whose store it must be, where nothing in it says.
 * @throws FareboxError `restore/nothing` where nobody knows whose it was, `store/*`.
 */
export async function readRemains(
  around: Surroundings,
  lost: LostStore,
  header: HeaderRow | null,
  assumed: ModuleId | null = null,
): Promise<Remains> {
  const snapshot = await readSnapshot(lost);
  const identity = await readMeta(lost.store, 'identity');
  const module = snapshot?.module ?? identity?.moduleId ?? assumed;
  if (module === null) throw new FareboxError('restore/nothing');
  const database = await readDatabase(around, lost, module);
  const fromCheckpoint: Source[] =
    snapshot === null
      ? []
      : [{ place: 'checkpoint', sessions: snapshot.sessions, receipts: snapshot.receipts, unreadable: [] }];
  return {
    snapshot,
    identity,
    // The database first: where both know the same, that is where it was found.
    sources: [database, ...fromCheckpoint],
    places: [placeOf(lost, snapshot, header)],
  };
}

/** The checkpoint's place; the database's own only where there is no checkpoint to hold against it. */
function placeOf(lost: LostStore, snapshot: Snapshot | null, header: HeaderRow | null): RecordPlace {
  const { counter, head } = snapshot ?? header ?? { counter: 0, head: new Uint8Array(32) };
  return { counter: Math.max(counter, lost.checkpoint?.counter ?? 0), head };
}

async function goOnAs(around: Surroundings, lost: LostStore, remains: Remains): Promise<IdentityRow> {
  const { snapshot, identity } = remains;
  const { keys } = lost;
  // Keys that no script can read are in the database or nowhere.
  if (snapshot !== null && snapshot.signingKey.length > 0) {
    const made = await identityFromSnapshot(around, keys, snapshot);
    wipeKeys(snapshot);
    return made;
  }
  if (identity === null || (snapshot !== null && identity.moduleId !== snapshot.module)) {
    throw new FareboxError('restore/nothing');
  }
  try {
    return await withNextEpoch(around, keys, identity);
  } catch (cause) {
    throw new FareboxError('restore/nothing', undefined, { cause });
  }
}

async function readSnapshot({ checkpoint, keys }: LostStore): Promise<Snapshot | null> {
  if (checkpoint === null || checkpoint.version === 1) return null;
  const bytes = await ifHolds(() => openCheckpoint(checkpoint, keys.checkpointKey));
  return bytes === null || bytes.length === 0 ? null : decodeSnapshot(bytes);
}

/** The person's backup goes on being one where its secret still opens. */
async function readBackup(lost: LostStore): Promise<BackupRow | null> {
  const row = await readMeta(lost.store, 'backup');
  if (row === null) return null;
  const secret = await ifHolds(() => openBackupSecret(row, lost.keys));
  secret?.fill(0);
  return secret === null ? null : row;
}

function settingsFrom(snapshot: Snapshot | null): SettingsRow {
  return { ...settingsOf(null), ...snapshot?.settings };
}

/** A row of the old database, or null where it is not there or has lost its shape. */
function readMeta<Name extends MetaName>(
  store: RecordStore,
  name: Name,
): Promise<Extract<MetaRow, { name: Name }> | null> {
  return ifHolds(() => store.meta(name));
}
