// A value with listeners: what the player and the screens' state share. Used with React's useSyncExternalStore, yet knows
// nothing of React. A store never calls a listener for a value that is the same.

/** What a screen may do with a store. */
export type ReadableStore<T> = {
  /** Calls `listener` after each change until the returned function is called. */
  subscribe(listener: () => void): () => void;
  /** The value now; the same object until it changes. */
  getSnapshot(): T;
};

/** A store as its owner has it. */
export type Store<T> = ReadableStore<T> & { set(next: T): void };

/** Makes a store holding `initial`. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
  };
}
