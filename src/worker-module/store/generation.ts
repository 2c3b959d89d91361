// Generations of the database. A commit raises the revision by one; putting a whole store in place of another (restore, recovery, starting
// anew) begins a new generation, far away, so that a tab which slept through it can never meet its old revision again and write on top.

import type { RandomBytes } from '../../protocol/ids.ts';

/** Revisions of one generation: thirty years of commits, one a second. */
const GENERATION_SPAN = 2 ** 30;
/** Drawn generations lie below this, so that as many again can follow one without leaving the safe integers. */
const DRAWN_GENERATIONS = 2 ** 22;

/** Which generation a revision belongs to. */
export function generationOf(revision: number): number {
  return Math.floor(revision / GENERATION_SPAN);
}

/** The first revision of a database in which nothing is stored: of a drawn generation, because an earlier database may have been lost. */
export function firstRevision(random: RandomBytes): number {
  const [a = 0, b = 0, c = 0] = random(3);
  const drawn = (a * 2 ** 16 + b * 2 ** 8 + c) % DRAWN_GENERATIONS;
  return drawn * GENERATION_SPAN + 1;
}

/** The revision of a store that takes the place of one at `revision`, or of none. */
export function nextGeneration(revision: number | null, random: RandomBytes): number {
  return revision === null ? firstRevision(random) : (generationOf(revision) + 1) * GENERATION_SPAN + 1;
}
