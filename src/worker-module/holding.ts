// What this worker holds of the module at this moment: storage, the core and its rooms, or a lost store, and the vault. Made and driven by
// keeper.ts, one change at a time. What was held before a change writes nothing after it.

import { FareboxError, toErrorData } from '../protocol/errors.ts';
import type { ModuleKeys, Surroundings } from './core.ts';
import { type GoneCode, type LivingCore, makeCore } from './core-making.ts';
import type { MakeFrameSink } from './frame-gateway.ts';
import { factorsOf } from './keys/vault.ts';
import type { LostStore, Opened, OpenedStorage } from './life.ts';
import { recoverSessions } from './recover.ts';
import { makeSessionRooms } from './session/session-rooms.ts';
import { refreshPersistence } from './settings/persistence.ts';
import { settingsOf } from './settings/settings.ts';
import { mendLockedSlots, staleSlots } from './slots.ts';
import { type Found, findModule, openStorage, type Storage } from './start.ts';
import { makeStorageHealth, type StorageHealth } from './store/health.ts';
import type { Hints } from './store/hints.ts';
import type { VaultSlot } from './store/rows.ts';
import { toStoreError } from './store/store-error.ts';

/** What is held, and the changes of it. No two changes may run at once. */
export type Holding = {
  health(): StorageHealth;
  storage(): OpenedStorage | null;
  living(): Opened | null;
  lost(): LostStore | null;
  vault(): readonly VaultSlot[];
  isLocked(): boolean;
  hasLock(): boolean;
  /** The keys in memory, or null. */
  keys(): ModuleKeys | null;
  /** Starts from storage; `given` are keys that count where they fit. Trouble with storage does not throw: `health` tells of it. */
  open(given: ModuleKeys | null): Promise<void>;
  /** Lets go of everything but storage. */
  drop(code: 'module/locked' | GoneCode): Promise<void>;
  /** Lets go of the keys, and counts as locked from this moment. */
  lock(): Promise<void>;
  /** Reads vault and settings again; answers with the idle lock, in ms. */
  readLock(): Promise<number | null>;
};

/** What a holding is made of. `onGone`: the store went away under it, and has to be opened again. */
export type HoldingParts = {
  readonly around: Surroundings;
  readonly storage: Storage;
  readonly hints: Hints;
  readonly makeSink: MakeFrameSink;
  readonly onGone: (code: GoneCode) => void;
};

type Living = LivingCore & Opened;

/** Holds nothing yet. */
export function makeHolding(parts: HoldingParts): Holding {
  const { around, hints } = parts;
  let health = makeStorageHealth();
  let storage: OpenedStorage | null = null;
  let living: Living | null = null;
  let lost: LostStore | null = null;
  let vault: readonly VaultSlot[] = [];
  let isLocked = false;
  const report = (error: unknown) => reportFailure(around, error);

  async function drop(code: 'module/locked' | GoneCode): Promise<void> {
    const ending = living;
    living = null;
    lost = null;
    if (ending === null) return;
    // Beside another store nothing is written any more; behind a lock play stops first, while its outcomes still can be.
    if (code !== 'module/locked') ending.end(code);
    // What cannot be written now is settled by the next one to open the module.
    await ending.rooms.stop().catch(() => undefined);
    await ending.core.checkpointer.flush().catch(() => undefined);
    ending.end(code);
  }

  /** The database went away under the connection. */
  function takeLoss(error: FareboxError): void {
    health.noteError(error);
    storage = null;
    parts.onGone(error.code === 'store/newer-version' ? 'store/newer-version' : 'store/wiped');
  }

  async function live(opened: OpenedStorage, keys: ModuleKeys): Promise<Living> {
    const made = await makeCore({ around, health, hints, onGone: parts.onGone }, opened, keys);
    const rooms = makeSessionRooms(made.core, { makeSink: parts.makeSink, locks: opened.locks, hints });
    return { ...made, rooms };
  }

  async function hold(found: Found, opened: OpenedStorage): Promise<void> {
    isLocked = found.state === 'locked';
    vault = found.state === 'lost' ? found.lost.rootVault : found.vault;
    switch (found.state) {
      case 'locked':
        if (found.code !== null) health.noteError(new FareboxError(found.code));
        await mendLockedSlots(opened, found.vault, around.random).catch(report);
        return;
      case 'lost':
        health.noteError(new FareboxError(found.lost.code));
        around.emit({ type: 'failed', session: null, code: found.lost.code });
        lost = found.lost;
        if (found.readable) living = await live(opened, found.lost.keys);
        return;
      case 'sound':
        living = await live(opened, found.keys);
        await takeUp(living, opened, found, report);
        return;
    }
  }

  return {
    health: () => health,
    storage: () => storage,
    living: () => living,
    lost: () => lost,
    vault: () => vault,
    isLocked: () => isLocked,
    hasLock: () => factorsOf(vault).length > 0,
    keys: () => living?.core.keys ?? lost?.keys ?? null,
    open: async (given) => {
      const own = makeStorageHealth();
      health = own;
      try {
        storage ??= await openStorage(parts.storage, takeLoss);
        await hold(await findModule(around, storage, given), storage);
      } catch (error) {
        own.noteError(toStoreError(error));
      }
    },
    drop,
    lock: () => {
      isLocked = true;
      return drop('module/locked');
    },
    readLock: async () => {
      if (living === null) return null;
      vault = (await living.core.store.meta('vault'))?.slots ?? vault;
      return settingsOf(await living.core.store.meta('settings')).idleLockMs;
    },
  };
}

/**
 * Says what could not be done on the module's own account; it is tried again by the command that needs it, and at the next start.
 * @throws what is no refusal but a fault.
 */
export function reportFailure({ emit }: Pick<Surroundings, 'emit'>, error: unknown): void {
  if (!(error instanceof FareboxError)) throw error;
  emit({ type: 'failed', session: null, code: toErrorData(error).code });
}

/** Brings the checkpoint up to the store, and finishes what an earlier worker was cut off in. What fails is said; the module stands all the same. */
async function takeUp(
  { core, rooms }: Opened,
  opened: OpenedStorage,
  found: Extract<Found, { state: 'sound' }>,
  report: (error: unknown) => void,
): Promise<void> {
  const isStale = await staleSlots(opened.slots, found.vault);
  core.checkpointer.noteChange(found.counter);
  await (isStale ? core.checkpointer.rewriteBoth() : core.checkpointer.flush()).catch(report);
  await recoverSessions(core, rooms).catch(report);
  // Nobody waits for the window to say what the browser promises.
  refreshPersistence(core).catch(report);
}
