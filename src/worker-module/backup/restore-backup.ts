// Puts a backup in place of an empty store, or of the lost store of the same module: one commit, as a new device with a pending epoch. Called by
// the command `restore`. What a lost store still holds goes in with it: a backup is older than the checkpoint.

import type { OpenedBackup } from '../../protocol/backup.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { ModuleKeys, Surroundings } from '../core.ts';
import type { LostStore, OpenedStorage } from '../life.ts';
import { replaceStore } from '../record/replace-store.ts';
import { settingsOf } from '../settings/settings.ts';
import type { RecordStore } from '../store/record-store.ts';
import type { HeaderRow, VaultSlot } from '../store/rows.ts';
import { sealBackupRow } from './backup-secret.ts';
import { gather } from './gather.ts';
import { makeStoreRows } from './new-store.ts';
import { identityFromSnapshot } from './next-epoch.ts';
import { expectUntouched, type Remains, readRemains } from './recover-store.ts';
import { wipeKeys } from './snapshot.ts';

/** What a backup is put in place of. Its vault and keys stay: they are this browser's. */
export type RestoreTarget =
  | { readonly kind: 'lost'; readonly lost: LostStore }
  | {
      readonly kind: 'open';
      readonly storage: OpenedStorage;
      readonly keys: ModuleKeys;
      readonly vault: readonly VaultSlot[];
    };

/**
 * Restores; durable on return. `entropy` (16 bytes) is that of the backup's words; the person has shown to have them, or a passkey
 * that leads to them.
 * @throws FareboxError `restore/not-empty`, `backup/malformed`, `store/replaced` where another tab was faster, `store/*`.
 */
export async function restoreBackup(
  around: Surroundings,
  target: RestoreTarget,
  given: { readonly opened: OpenedBackup; readonly entropy: Uint8Array },
): Promise<void> {
  const { snapshot, madeTime, passkeys } = given.opened;
  const { store, locks } = target.kind === 'lost' ? target.lost : target.storage;
  const { keys, rootVault } = target.kind === 'lost' ? target.lost : { keys: target.keys, rootVault: target.vault };
  const judged = await store.revision();
  await replaceStore({ store, locks, clock: around.clock, random: around.random }, async (header, time) => {
    if (target.kind === 'lost') await expectUntouched(store, judged);
    const remains = await remainsFor(around, target, snapshot, header);
    const { sessions, receipts, counter, head } = snapshot;
    const gathered = gather([{ place: 'backup', sessions, receipts, unreadable: [] }, ...remains.sources]);
    const settings = { ...settingsOf(null), allowanceMinor: snapshot.settings.allowanceMinor };
    return makeStoreRows(
      around,
      {
        ...{ gathered, source: 'backup', keys, vault: rootVault, settings },
        code: target.kind === 'lost' ? target.lost.code : 'store/wiped',
        places: [{ counter, head }, ...remains.places],
        identity: await identityFromSnapshot(around, keys, snapshot),
        backup: await sealBackupRow(around, keys, { entropy: given.entropy, passkeys, madeTime, verifiedTime: time }),
      },
      time,
    );
  });
  wipeKeys(snapshot);
}

/** Refuses a store in which there is something that the backup would destroy. @throws FareboxError `restore/not-empty`. */
export async function expectEmpty(store: Omit<RecordStore, 'commit'>): Promise<void> {
  const identity = await store.meta('identity');
  const things = [...(await store.sessions(1)), ...(await store.receipts(1))];
  if (things.length > 0 || (identity !== null && identity.certificate !== null)) {
    throw new FareboxError('restore/not-empty');
  }
}

type Kept = Pick<Remains, 'sources' | 'places'>;

async function remainsFor(
  around: Surroundings,
  target: RestoreTarget,
  { module }: Snapshot,
  header: HeaderRow | null,
): Promise<Kept> {
  if (target.kind === 'open') {
    // Under the lock: another tab may have enrolled since it was looked at.
    await expectEmpty(target.storage.store);
    return { sources: [], places: header === null ? [] : [header] };
  }
  const remains = await readRemains(around, target.lost, header, module);
  const { snapshot } = remains;
  const other = [snapshot, remains.identity].find((kept) => kept !== null && ownerOf(kept) !== module);
  if (snapshot !== null) wipeKeys(snapshot);
  if (other === undefined) return remains;
  const isUsed = remains.sources.some(({ sessions, receipts }) => sessions.length + receipts.length > 0);
  if (isUsed || other?.certificate !== null) throw new FareboxError('restore/not-empty');
  // Keys that were made and never certified are nobody's loss.
  return { sources: [], places: remains.places };
}

function ownerOf(kept: NonNullable<Remains['snapshot'] | Remains['identity']>): string {
  return 'moduleId' in kept ? kept.moduleId : kept.module;
}
