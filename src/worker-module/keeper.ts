// Keeps the module's life in this worker (life.ts has the states): opens it, locks it, opens it again, and keeps step with the other tabs. Made by
// module.ts. One change of state at a time; what is held in between, holding.ts has.

import { FareboxError } from '../protocol/errors.ts';
import type { LockState } from './commands.ts';
import type { GoneCode } from './core-making.ts';
import { type Holding, type HoldingParts, makeHolding, reportFailure } from './holding.ts';
import { makeInTurn } from './in-turn.ts';
import { deriveModuleKeys } from './keys/root.ts';
import type { ModuleLife } from './life.ts';
import { watchIdleness } from './lock/idle.ts';
import { makeTabKeys } from './lock/tab-keys.ts';
import type { StorageHealth } from './store/health.ts';
import type { Hint } from './store/hints.ts';

/** What a keeper is made of. */
export type KeeperParts = Omit<HoldingParts, 'onGone'> & {
  /** Takes back the question that stands on the surface. */
  readonly withdraw: () => void;
};

/** The life, and how storage does in it. */
export type Keeper = { readonly life: ModuleLife; readonly health: StorageHealth };

/** The changes of state, each waiting for the one before. */
type Changes = {
  reopen(code: GoneCode): Promise<void>;
  /** In this tab alone. */
  lockHere(): Promise<void>;
  lockEverywhere(): Promise<void>;
  /** With the root key, 32 bytes. @throws FareboxError `store/*`. */
  unlock(rootKey: Uint8Array): Promise<void>;
  /** The lock or its settings may have been changed, here or in another tab. */
  lockChanged(): Promise<void>;
  /** Opens with the keys of another tab, where there is one. */
  openFromTabs(): Promise<void>;
  hear(hint: Hint): void;
  noteUse(): void;
};

/** Opens the module and keeps it. Trouble with storage does not throw: `health` tells of it. */
export async function keepModule(parts: KeeperParts): Promise<Keeper> {
  const { around, hints } = parts;
  const report = (error: unknown) => reportFailure(around, error);
  const holding = makeHolding({ ...parts, onGone: (code) => void changes.reopen(code).catch(report) });
  const changes = makeChanges(parts, holding);
  hints.onHint(changes.hear);
  await changes.reopen('store/replaced');
  await changes.openFromTabs();
  return { health: presentHealth(holding), life: makeLife(parts, holding, changes) };
}

function makeChanges({ around, hints, storage, withdraw }: KeeperParts, holding: Holding): Changes {
  const { clock, emit } = around;
  const inTurn = makeInTurn();
  const tabKeys = makeTabKeys(around, hints, storage.locks);
  // From the moment a lock is asked for, no other tab gets the keys from here, whatever else is still being done.
  let isLocking = false;
  const report = (error: unknown) => reportFailure(around, error);
  const idle = watchIdleness(clock, hints, () => {
    if (holding.keys() !== null) lockEverywhere().catch(report);
  });
  const sayChanged = () => emit({ type: 'changed', what: 'status' });

  /** What storage refuses here is no reason to be closed: the lock stays as it was last read. */
  async function readLock(): Promise<void> {
    try {
      const idleLockMs = await holding.readLock();
      idle.set(holding.hasLock() ? idleLockMs : null);
    } catch (error) {
      report(error);
    }
  }

  async function takeKeysOfTabs(): Promise<void> {
    const keys = holding.isLocked() ? await tabKeys.ask() : null;
    if (keys === null) return;
    await holding.open(keys);
    await readLock();
    sayChanged();
  }

  async function lockNow(): Promise<void> {
    isLocking = false;
    if (holding.isLocked() || !holding.hasLock()) return;
    withdraw();
    await holding.lock();
    sayChanged();
  }

  const lockHere = () => {
    isLocking = true;
    return inTurn(lockNow);
  };
  const lockEverywhere = () => {
    hints.announce({ kind: 'lock' });
    return lockHere();
  };
  const reopen = (code: GoneCode) =>
    inTurn(async () => {
      const keys = holding.keys();
      await holding.drop(code);
      await holding.open(keys);
      await readLock();
      sayChanged();
    });
  const followLock = () => inTurn(() => (holding.isLocked() ? takeKeysOfTabs() : readLock()));

  return {
    reopen,
    lockHere,
    lockEverywhere,
    openFromTabs: () => inTurn(takeKeysOfTabs),
    noteUse: idle.noteUse,
    unlock: (rootKey) =>
      inTurn(async () => {
        if (!holding.isLocked()) return;
        await holding.open(await deriveModuleKeys(rootKey));
        if (holding.isLocked()) throw new FareboxError(lockedCode(holding));
        await readLock();
        hints.announce({ kind: 'changed', what: 'status' });
        sayChanged();
      }),
    lockChanged: () =>
      inTurn(async () => {
        // Locked meanwhile: that is not undone by asking the other tabs.
        if (!holding.isLocked()) await readLock();
        hints.announce({ kind: 'changed', what: 'status' });
        sayChanged();
      }),
    hear: (hint) => {
      switch (hint.kind) {
        case 'session-ended':
          holding.living()?.rooms.noticeEnd(hint.session);
          return;
        case 'changed':
          holding.living()?.core.committer.refresh();
          // The page reads the status once when it hears of it: the lock has to be known by then.
          if (hint.what === 'status') followLock().catch(report).finally(sayChanged);
          else emit({ type: 'changed', what: hint.what });
          return;
        case 'replaced':
          reopen('store/replaced').catch(report);
          return;
        case 'lock':
          lockHere().catch(report);
          return;
        case 'used':
          idle.hearUse();
          return;
        case 'keys-wanted':
        case 'keys':
          tabKeys.hear(hint, isLocking ? null : holding.keys());
          return;
      }
    },
  };
}

/** Keys that were proven and still do not open: storage refuses, or it is not the store of that vault. */
function lockedCode(
  holding: Holding,
): 'store/altered' | `store/${Exclude<ReturnType<StorageHealth['state']>, 'ready'>}` {
  const state = holding.health().state();
  return state === 'ready' ? 'store/altered' : `store/${state}`;
}

function makeLife({ hints }: KeeperParts, holding: Holding, changes: Changes): ModuleLife {
  const lockState = (): LockState => {
    if (holding.isLocked()) return 'locked';
    return holding.hasLock() ? 'unlocked' : 'none';
  };
  return {
    opened: holding.living,
    lost: holding.lost,
    storage: holding.storage,
    vault: holding.vault,
    lockState,
    reopen: async () => {
      await changes.reopen('store/replaced');
      hints.announce({ kind: 'replaced' });
    },
    lock: async () => {
      if (!holding.hasLock()) throw new FareboxError('lock/none');
      await changes.lockEverywhere();
    },
    unlock: changes.unlock,
    lockChanged: changes.lockChanged,
    noteUse: changes.noteUse,
  };
}

/** Each opening has a health of its own; whoever asks wants the present one. */
function presentHealth(holding: Holding): StorageHealth {
  return {
    state: () => holding.health().state(),
    refusal: () => holding.health().refusal(),
    noteDurable: () => holding.health().noteDurable(),
    noteError: (error) => holding.health().noteError(error),
  };
}
