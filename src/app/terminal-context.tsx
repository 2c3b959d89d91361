// How components reach the terminal's state: one context, and a hook that reads a store. Components never make state of the
// outside world themselves.

import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ReadableStore } from '../player/store.ts';
import type { Terminal } from './state/terminal.ts';

/** Holds the one terminal; given by main.tsx. */
export const TerminalContext = createContext<Terminal | null>(null);

/** The terminal. Throws outside its provider: that is a mistake in the code. */
export function useTerminal(): Terminal {
  const terminal = useContext(TerminalContext);
  if (terminal === null) throw new Error('A screen was drawn outside TerminalContext.');
  return terminal;
}

/** The value of a store; draws again when it changes. */
export function useStore<T>(store: ReadableStore<T>): T {
  return useSyncExternalStore(store.subscribe, store.getSnapshot);
}
