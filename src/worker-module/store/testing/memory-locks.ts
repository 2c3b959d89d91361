// Locks in memory for tests: several modules in one process share one object, as tabs share an origin. `loseTab` is a tab that dies.

import type { Locks } from '../locks.ts';

/** Locks, and the death of whoever holds `name`. */
export type MemoryLocks = Locks & {
  lose(name: string): void;
  /** From now on nobody waits for anybody: what is left is the store's fence. */
  breakLocks(): void;
};

/** A fresh set of locks, nothing held. */
export function makeMemoryLocks(): MemoryLocks {
  const tails = new Map<string, Promise<unknown>>();
  const held = new Set<string>();
  let broken = false;
  return {
    withLock: (name, section) => {
      if (broken) return section();
      const run = (tails.get(name) ?? Promise.resolve()).then(section, section);
      tails.set(
        name,
        run.then(
          () => undefined,
          () => undefined,
        ),
      );
      return run;
    },
    hold: async (name) => {
      held.add(name);
      return { release: () => held.delete(name) };
    },
    heldNames: async () => new Set(held),
    breakLocks: () => {
      broken = true;
    },
    lose: (name) => {
      held.delete(name);
    },
  };
}
