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

/** A bound that a value or a ratio is held to. */
export type Goal = { readonly kind: 'at-least' | 'at-most'; readonly bound: number; readonly of: 'value' | 'ratio' };

/** The value must reach `bound`. */
export const atLeast = (bound: number): Goal => ({ kind: 'at-least', bound, of: 'value' });
/** The value must not pass `bound`. */
export const atMost = (bound: number): Goal => ({ kind: 'at-most', bound, of: 'value' });
/** The ratio to the peer must reach `bound`. */
export const ratioAtLeast = (bound: number): Goal => ({ kind: 'at-least', bound, of: 'ratio' });

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
  if (judged === null || !Number.isFinite(judged)) throw new Error(`${name} was not measured`);
  const sign = goal.kind === 'at-least' ? '≥' : '≤';
  return {
    name,
    value: round(value),
    unit,
    peer: peer?.name ?? null,
    peerValue: peerValue === null ? null : round(peerValue),
    ratio: ratio === null ? null : round(ratio),
    goal: goal.of === 'ratio' ? `ratio ${sign} ${goal.bound}` : `${sign} ${goal.bound} ${unit}`,
    ok: goal.kind === 'at-least' ? judged >= goal.bound : judged <= goal.bound,
    spread: { low: round(Math.min(...rounds)), high: round(Math.max(...rounds)), rounds: rounds.length },
  };
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
