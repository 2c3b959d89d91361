// Opens the module's storage and judges it: new, sound, locked, or not what the checkpoint says it should be. Called by keeper.ts, at start
// and whenever the module is opened again. It must never start a new record where there was one: an empty database beside a checkpoint is
// an alarm with a way back, not a new customer.

import { FareboxError } from '../protocol/errors.ts';
import type { ModuleKeys, Surroundings } from './core.ts';
import { makeFounding } from './founding.ts';
import { judgeStore, keysFit, type StoredBase } from './judge.ts';
import { deriveModuleKeys, makeRootKey } from './keys/root.ts';
import { makeDeviceSlot, openDeviceSlot } from './keys/vault.ts';
import type { LostStore, OpenedStorage } from './life.ts';
import { MODULE_LIMITS } from './limits.ts';
import { type CheckpointReading, type CheckpointSlots, readCheckpoint } from './store/checkpoint.ts';
import { type Locks, RECORD_LOCK } from './store/locks.ts';
import { migrateVersion1 } from './store/migrate-v1.ts';
import type { RecordStore } from './store/record-store.ts';
import type { VaultSlot } from './store/rows.ts';

/** Where the module keeps things: adapters of the browser, or of a test. `onLost` hears of a database that is gone under a live connection. */
export type Storage = {
  openStore(onLost: (error: FareboxError) => void): Promise<RecordStore>;
  openSlots(): Promise<CheckpointSlots>;
  readonly locks: Locks;
};

/** What storage was found to be. `vault` is that of the database, or of the checkpoint where it is gone. */
export type Found =
  /** Sound, and its keys are known. */
  | {
      readonly state: 'sound';
      readonly keys: ModuleKeys;
      readonly vault: readonly VaultSlot[];
      readonly counter: number;
    }
  /** There is a lock, and nobody has given the keys. What it is otherwise is judged when they are there. */
  | { readonly state: 'locked'; readonly vault: readonly VaultSlot[]; readonly code: LostStore['code'] | null }
  /** Wiped or altered, and its keys are known. `readable`: the database is there and may be read, never written. */
  | { readonly state: 'lost'; readonly lost: LostStore; readonly readable: boolean };

/** Storage, opened. @throws FareboxError `store/*`. */
export async function openStorage(storage: Storage, onLost: (error: FareboxError) => void): Promise<OpenedStorage> {
  const store = await storage.openStore(onLost);
  return { store, slots: await storage.openSlots(), locks: storage.locks };
}

/**
 * Judges opened storage; founds the record where nothing was ever stored. `given` are keys from an unlock or from another tab: they count
 * only where they fit.
 * @throws FareboxError `store/refused`, `store/full`, `store/newer-version`, `store/conflict` where others write without the lock all the time.
 */
export async function findModule(
  around: Surroundings,
  storage: OpenedStorage,
  given: ModuleKeys | null,
): Promise<Found> {
  for (let tries = 1; ; tries += 1) {
    // Judged under the lock, as another tab may be writing; and where the lock was lost, a verdict on what was written meanwhile is none.
    const judged = await storage.locks.withLock(RECORD_LOCK, async () => {
      const base = await readBase(around, storage);
      const found = await judge(around, storage, given, base);
      return { found, isStale: found.state !== 'sound' && (await hasMoved(storage.store, base)) };
    });
    if (!judged.isStale) return judged.found;
    if (tries >= MODULE_LIMITS.commitAttempts) throw new FareboxError('store/conflict');
  }
}

async function hasMoved(store: RecordStore, { header }: StoredBase): Promise<boolean> {
  return (await readRows(store)).header?.revision !== header?.revision;
}

async function judge(
  around: Surroundings,
  storage: OpenedStorage,
  given: ModuleKeys | null,
  base: StoredBase,
): Promise<Found> {
  const vault = base.vault ?? vaultOf(base.reading);
  if (vault === null) return lostForGood(around, storage, base);
  const keys = await keysOf(vault, given, storage.store, base);
  if (keys === null) return { state: 'locked', vault, code: emptyCode(base) };
  const code = emptyCode(base) ?? (await judgeStore(storage.store, base, keys));
  if (code === null && base.header !== null) return { state: 'sound', keys, vault, counter: base.header.counter };
  const checkpoint = base.reading.state === 'found' ? base.reading.newest : null;
  const lost = { ...storage, checkpoint, keys, rootVault: vault, code: code ?? 'store/altered' } as const;
  return { state: 'lost', lost, readable: base.header !== null && base.vault !== null };
}

async function readBase(around: Surroundings, { store, slots }: OpenedStorage): Promise<StoredBase> {
  await migrateVersion1({ store, slots, random: around.random, makeRootKey, deriveModuleKeys });
  const base = { reading: await readCheckpoint(slots), ...(await readRows(store)) };
  const isNew = base.header === null && base.vault === null && !base.isBroken && base.reading.state === 'none';
  if (!isNew) return base;
  const founding = makeFounding(around.random);
  if ((await store.commit(founding)) === 'moved') throw new FareboxError('store/conflict');
  return { ...base, ...(await readRows(store)) };
}

/** Header and vault. A row that is not in its shape counts as missing and makes the store broken: it is not read as something else. */
async function readRows(store: RecordStore): Promise<Pick<StoredBase, 'header' | 'vault' | 'isBroken'>> {
  let isBroken = false;
  const tolerant = (error: unknown): null => {
    if (!(error instanceof FareboxError) || error.code !== 'store/altered') throw error;
    isBroken = true;
    return null;
  };
  const header = await store.meta('header').catch(tolerant);
  const vault = await store.meta('vault').catch(tolerant);
  return { header, vault: vault?.slots ?? null, isBroken };
}

/** The vault that a checkpoint holds; those of version 1 have none. */
function vaultOf(reading: CheckpointReading): readonly VaultSlot[] | null {
  return reading.state === 'found' && reading.newest.vault.length > 0 ? reading.newest.vault : null;
}

/** What can be said of a store without its keys. */
function emptyCode({ header, vault, isBroken }: StoredBase): LostStore['code'] | null {
  if (header !== null && vault !== null) return null;
  return header === null && vault === null && !isBroken ? 'store/wiped' : 'store/altered';
}

async function keysOf(
  vault: readonly VaultSlot[],
  given: ModuleKeys | null,
  store: RecordStore,
  base: StoredBase,
): Promise<ModuleKeys | null> {
  const rootKey = openDeviceSlot(vault);
  if (rootKey === null) return given !== null && (await keysFit(store, base, given)) ? given : null;
  const keys = await deriveModuleKeys(rootKey);
  rootKey.fill(0);
  return keys;
}

/** Neither the database nor a checkpoint can be read: what comes after, a restore, has keys of its own. */
async function lostForGood(around: Surroundings, storage: OpenedStorage, base: StoredBase): Promise<Found> {
  const rootKey = makeRootKey(around.random);
  const keys = await deriveModuleKeys(rootKey);
  const rootVault = [makeDeviceSlot(rootKey)];
  rootKey.fill(0);
  const code = emptyCode(base) ?? 'store/altered';
  return { state: 'lost', lost: { ...storage, checkpoint: null, keys, rootVault, code }, readable: false };
}
