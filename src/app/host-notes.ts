// What the page remembers for itself over reloads, in the browser's storage of the terminal's origin: when it last did something, and what it
// has asked already. Nothing secret, and nothing that anyone believes; without it the page asks once more.

import type { HostNotes } from '../host/errands/parts.ts';

const PREFIX = 'farebox/';

/** Notes kept in `storage`; in memory where the browser refuses it. */
export function makeHostNotes(storage: () => Storage): HostNotes {
  const inMemory = new Map<string, string>();
  return {
    read(name) {
      try {
        return storage().getItem(PREFIX + name);
      } catch {
        return inMemory.get(name) ?? null;
      }
    },
    write(name, text) {
      inMemory.set(name, text);
      try {
        storage().setItem(PREFIX + name, text);
      } catch {
        // Refused or full: the note holds until the page is closed.
      }
    },
  };
}
