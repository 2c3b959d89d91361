// What a bench measures and how it says it: one figure per line, beside its goal and, where there is one, beside a peer measured in the
// same run. Used by every bench in this folder and printed by cli.ts. A figure is measured or the bench throws; it is never assumed.

/** Smallest, middle and largest of the rounds that a figure was taken from. */
export type Spread = { readonly low: number; readonly high: number; readonly rounds: number };

/** One measured figure. */
export type BenchFigure = {
  /** `bench` or `bench/part` where a bench has several goals. */
  readonly name: string;
  /** Median of the rounds, in `unit`. */
  readonly value: number;
  readonly unit: string;
  /** What it was measured against in the same run, or null. */
  readonly peer: string | null;
  /** The peer's median, in `unit`. */
  readonly peerValue: number | null;
  /** Median of round ÷ the peer's round beside it: on a machine with other work, both of a pair saw the same of it. */
  readonly ratio: number | null;
  readonly goal: string;
  /** True where the goal is met. */
  readonly ok: boolean;
  readonly spread?: Spread;
};

/** How a bench is run. */
export type BenchOptions = {
  /** Rounds of each measurement; null leaves it to the bench. */
  readonly runs: number | null;
  /** Progress for a person, one line. */
  readonly say: (line: string) => void;
};

/** A bench: `run` measures and resolves with its figures, one or more. */
export type Bench = { readonly about: string; run(options: BenchOptions): Promise<readonly BenchFigure[]> };

/** A bound that a value or a ratio is held to, or the peer's value is. */
export type Goal =
  | { readonly kind: 'at-least' | 'at-most'; readonly bound: number; readonly of: 'value' | 'ratio' }
  /** The peer's median, give or take `slack` in the figure's unit: where a ratio says nothing, because both may be zero. */
  | { readonly kind: 'at-least' | 'at-most'; readonly slack: number; readonly of: 'peer' };

/** The value must reach `bound`. */
export const atLeast = (bound: number): Goal => ({ kind: 'at-least', bound, of: 'value' });
/** The value must not pass `bound`. */
export const atMost = (bound: number): Goal => ({ kind: 'at-most', bound, of: 'value' });
/** The ratio to the peer must reach `bound`. */
export const ratioAtLeast = (bound: number): Goal => ({ kind: 'at-least', bound, of: 'ratio' });
/** The ratio to the peer must not pass `bound`. */
export const ratioAtMost = (bound: number): Goal => ({ kind: 'at-most', bound, of: 'ratio' });
/** The value must not pass the peer's by more than `slack`. */
export const noMoreThanPeer = (slack: number): Goal => ({ kind: 'at-most', slack, of: 'peer' });

/**
 * Makes a figure from the rounds of a measurement, and of its peer where there is one. Throws on no rounds.
 * @param rounds one value per round, in `unit`
 */
export function figureOf(measured: {
  readonly name: string;
  readonly unit: string;
  readonly rounds: readonly number[];
  readonly goal: Goal;
  readonly peer?: { readonly name: string; readonly rounds: readonly number[] };
}): BenchFigure {
  const { name, unit, rounds, goal, peer } = measured;
  const value = medianOf(rounds);
  const peerValue = peer === undefined ? null : medianOf(peer.rounds);
  const ratio = peer === undefined ? null : medianOf(ratiosOf(name, rounds, peer.rounds));
  const judged = goal.of === 'ratio' ? ratio : value;
  const bound = goal.of === 'peer' ? boundByPeer(goal.kind, goal.slack, peerValue) : goal.bound;
  if (judged === null || !Number.isFinite(judged) || !Number.isFinite(bound))
    throw new Error(`${name} was not measured`);
  return {
    name,
    value: round(value),
    unit,
    peer: peer?.name ?? null,
    peerValue: peerValue === null ? null : round(peerValue),
    // Both may be nothing at all; then there is no ratio to tell.
    ratio: ratio === null || !Number.isFinite(ratio) ? null : round(ratio),
    goal: describeGoal(goal, unit),
    ok: goal.kind === 'at-least' ? judged >= bound : judged <= bound,
    spread: { low: round(Math.min(...rounds)), high: round(Math.max(...rounds)), rounds: rounds.length },
  };
}

function boundByPeer(kind: Goal['kind'], slack: number, peerValue: number | null): number {
  if (peerValue === null) return Number.NaN;
  return kind === 'at-least' ? peerValue - slack : peerValue + slack;
}

function describeGoal(goal: Goal, unit: string): string {
  const sign = goal.kind === 'at-least' ? '≥' : '≤';
  if (goal.of === 'peer') return `${sign} the peer${goal.slack === 0 ? '' : ` ± ${goal.slack} ${unit}`}`;
  return goal.of === 'ratio' ? `ratio ${sign} ${goal.bound}` : `${sign} ${goal.bound} ${unit}`;
}

/** Of several peers measured in the same rounds, the one with the lowest median. Throws on none. */
export function lowestPeer<Name extends string>(
  peers: ReadonlyMap<Name, readonly number[]>,
): { readonly name: Name; readonly rounds: readonly number[] } {
  const [best] = [...peers].toSorted(([, a], [, b]) => medianOf(a) - medianOf(b));
  if (best === undefined) throw new Error('no peer was measured');
  return { name: best[0], rounds: best[1] };
}

function ratiosOf(name: string, rounds: readonly number[], peerRounds: readonly number[]): readonly number[] {
  return rounds.map((value, at) => {
    const peerValue = peerRounds[at];
    if (peerValue === undefined || rounds.length !== peerRounds.length)
      throw new Error(`${name} and its peer were not measured in turns`);
    return value / peerValue;
  });
}

/** The middle value; of an even count, the mean of the two in the middle. Throws on none. */
export function medianOf(values: readonly number[]): number {
  return (percentileOf(values, 0.5, 'lower') + percentileOf(values, 0.5, 'upper')) / 2;
}

/**
 * The value that `share` (0–1) of the values do not pass, by nearest rank. Throws on none.
 * @param side which neighbour to take where the rank falls between two
 */
export function percentileOf(values: readonly number[], share: number, side: 'lower' | 'upper' = 'upper'): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const found = sorted[side === 'lower' ? Math.floor(place) : Math.ceil(place)];
  if (found === undefined) throw new Error('no values to take a percentile of');
  return found;
}

/** Four significant digits: more would claim a precision that no round has. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}
