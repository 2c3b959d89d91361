// Selection rules (docs/protocol.md §24, MC-3): which series number is the selected one, among those that are not retired. Pure; the clock
// and randomness come in. A PIN chooses the set, not the index: that is pin.ts.

import { FareboxError, type FareboxErrorCode } from '../errors.ts';
import type { RandomBytes } from '../ids.ts';
import { LIMITS } from '../limits.ts';

/** `client`, `server`: that side draws and sends the index. `date`: the day decides. `counter`: both count contacts. */
export const SELECTION_RULES = ['client', 'server', 'date', 'counter'] as const;

/** One of them. */
export type SelectionRule = (typeof SELECTION_RULES)[number];

const DAY_MS = 86_400_000;

/** Reads a rule's name. Throws `code`. */
export function decodeSelectionRule(candidate: unknown, code: FareboxErrorCode = 'keys/malformed'): SelectionRule {
  const rule = SELECTION_RULES.find((known) => known === candidate);
  if (rule === undefined) throw new FareboxError(code, { expected: 'selection rule' });
  return rule;
}

/** The indexes of a set of `count` that are not retired, ascending. Errors: `keys/retired` where none is left. */
export function liveIndexes(count: number, retired: readonly number[]): readonly number[] {
  const gone = new Set(retired);
  const live = Array.from({ length: count }, (_, index) => index).filter((index) => !gone.has(index));
  if (live.length === 0) throw new FareboxError('keys/retired');
  return live;
}

/** `client` and `server`: one of these, each as likely as the others. */
export function drawIndex(live: readonly number[], random: RandomBytes): number {
  const usable = 2 ** 32 - (2 ** 32 % live.length);
  for (;;) {
    const bytes = random(4);
    const drawn = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    // What is beyond the last whole round would come more often, so it is drawn again: less than one time in two.
    if (drawn < usable) return at(live, drawn);
  }
}

/** `client` and `server`: an index that was sent. Errors: `keys/refused` where it is none, or is retired: a stolen key looks no other than a wrong one. */
export function requireLive(live: readonly number[], index: unknown): number {
  const found = live.find((known) => known === index);
  if (found === undefined) throw new FareboxError('keys/refused');
  return found;
}

/** `date`: the index of the UTC day that `now` (ms since 1970) lies in. */
export function indexOfDay(live: readonly number[], now: number): number {
  return at(live, Math.floor(now / DAY_MS));
}

/** `date`, for the provider: the indexes that a clock within the tolerance may select; one, or two around midnight. */
export function indexesAround(live: readonly number[], now: number): readonly number[] {
  const { clockToleranceMs } = LIMITS;
  return [...new Set([indexOfDay(live, now - clockToleranceMs), indexOfDay(live, now + clockToleranceMs)])];
}

/** `counter`: the index of the contact of this number, from 1. */
export function indexOfCount(live: readonly number[], count: number): number {
  return at(live, count);
}

/** `counter`, for the provider: the numbers that the next contact can have after `last`, ascending. What was lost on the way was counted by the module all the same. */
export function countsAfter(last: number): readonly number[] {
  return Array.from({ length: LIMITS.countsAhead }, (_, ahead) => last + 1 + ahead);
}

function at(live: readonly number[], place: number): number {
  const index = live[place % live.length];
  if (index === undefined) throw new FareboxError('module/internal', { expected: 'an index' });
  return index;
}
