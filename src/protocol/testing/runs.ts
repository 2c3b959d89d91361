// How often a property test repeats: as often as it says, times FAREBOX_RUNS, which `npm run torture` sets. Read by tests alone.

const factor = Number(process.env.FAREBOX_RUNS ?? 1);
if (!(Number.isInteger(factor) && factor >= 1)) throw new Error('FAREBOX_RUNS is a whole number from 1');

/** `each` repetitions in `npm test`, that many times FAREBOX_RUNS in a torture. */
export function runs(each: number): number {
  return each * factor;
}
