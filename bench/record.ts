// What one durable record entry costs: the module in its worker, one entry after the other, each on its own in its transaction with
// strict durability, in a browser profile on disk.
import { atMost, type Bench, figureOf, percentileOf } from './figure.ts';
import { withBenchPage } from './rig/bench-page.ts';

const ROUNDS = 5;
const ENTRIES = 100;
const GOAL_MS = 8;

export const recordBench: Bench = {
  about: `p95 of ${ENTRIES} durable entries, one at a time`,
  run: ({ runs }) =>
    withBenchPage(async (measure) => {
      const rounds: number[] = [];
      for (let round = 0; round < (runs ?? ROUNDS); round += 1) {
        rounds.push(percentileOf(await measure({ kind: 'module-record', entries: ENTRIES }), 0.95));
      }
      return [figureOf({ name: 'record', unit: 'ms', rounds, goal: atMost(GOAL_MS) })];
    }),
};
