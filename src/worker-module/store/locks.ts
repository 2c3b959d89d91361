// Locks between the tabs that share the module's database: exclusive sections, and signs of life. Called by record/ and session/.
// A lock is politeness, not proof: the store's revision fence stays the truth when a lock is lost.

/** The lock around every write to the record. */
export const RECORD_LOCK = 'farebox-record';
/** The lock around every write of a checkpoint slot. */
export const CHECKPOINT_LOCK = 'farebox-checkpoint';
const TAB_LOCK_PREFIX = 'farebox-tab-';

/** The port; `openWebLocks` in a browser, `makeMemoryLocks` in tests. */
export type Locks = {
  /** Runs `section` while no other holder of `name` runs. */
  withLock<T>(name: string, section: () => Promise<T>): Promise<T>;
  /** Holds `name` until `release` is called or the tab is gone. */
  hold(name: string): Promise<{ release(): void }>;
  /** Names held now by any tab. */
  heldNames(): Promise<ReadonlySet<string>>;
};

/** The name of the lock that says tab `tabId` is alive. */
export function tabLockName(tabId: string): string {
  return `${TAB_LOCK_PREFIX}${tabId}`;
}

/** Web Locks of this origin. */
export function openWebLocks(): Locks {
  const webLocks = navigator.locks;
  return {
    withLock: async (name, section) => await webLocks.request(name, section),
    hold: (name) =>
      new Promise((resolve, reject) => {
        const lock = webLocks.request(name, () => {
          const held = Promise.withResolvers<void>();
          resolve({ release: () => held.resolve() });
          return held.promise;
        });
        lock.catch(reject);
      }),
    heldNames: async () => {
      const { held } = await webLocks.query();
      return new Set((held ?? []).flatMap((lock) => lock.name ?? []));
    },
  };
}
