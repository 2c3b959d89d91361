// The shelf of this browser: its caches, and its locks for what tabs must not do at once. Loaded when something is kept or looked at.

import { type InTurn, openShelf, type Shelf } from '../../player/offline/shelf.ts';

/** One tab after another; a tab that is closed lets go. */
export const inTurn: InTurn = async (name, work) => navigator.locks.request(name, work);

let shelf: Shelf | null = null;

/** The one shelf of this page. */
export function browserShelf(): Shelf {
  shelf ??= openShelf(caches, inTurn);
  return shelf;
}
