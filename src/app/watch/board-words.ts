// What the screens of a programme say where it is a whiteboard, whose frames are strokes. Pure.

import type { CatalogueEntry } from '../../host/answers.ts';

/** Name of a board's only rung in the catalogue: nothing is bought or opened by it, the signed programme says what it is. */
const BOARD_RUNG = 'board';

/** True for a whiteboard as the catalogue lists it. */
export function isBoardEntry({ live, rungs }: Pick<CatalogueEntry, 'live' | 'rungs'>): boolean {
  return live !== null && rungs.length === 1 && rungs[0] === BOARD_RUNG;
}

/** What is counted. */
export function framesWord(isBoard: boolean): 'Strokes' | 'Frames' {
  return isBoard ? 'Strokes' : 'Frames';
}

/** What stands on the board before anything is drawn there for this viewer; null once something is, or where nothing more comes. */
export function bareBoardWords(edgeMs: number, count: number, ended: boolean): string | null {
  if (ended || count > 0) return null;
  if (edgeMs === 0) return 'Nothing is drawn yet';
  return 'What is drawn from now on appears here. Go back for what was drawn before.';
}
