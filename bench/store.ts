// What one durable commit of five record entries costs: the module's committer, one commit after the other, lock, sealing and strictly
// durable transaction included, in a browser profile on disk.
import { atMost, type Bench, figureOf, percentileOf } from './figure.ts';
import { withBenchPage } from './rig/bench-page.ts';

const ROUNDS = 5;
const COMMITS = 100;
const ENTRIES = 5;
const GOAL_MS = 12;

export const storeBench: Bench = {
  about: `p95 of ${COMMITS} durable commits of ${ENTRIES} entries`,
  run: ({ runs }) =>
    withBenchPage(async (measure) => {
      await measure({ kind: 'module-start', starts: 1 });
      const rounds: number[] = [];
      for (let round = 0; round < (runs ?? ROUNDS); round += 1) {
        rounds.push(percentileOf(await measure({ kind: 'store-commit', commits: COMMITS, entries: ENTRIES }), 0.95));
      }
      return [figureOf({ name: 'store', unit: 'ms', rounds, goal: atMost(GOAL_MS) })];
    }),
};
