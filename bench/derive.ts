// How fast derived keys are made (docs/protocol.md §24), in a worker of real Chromium as the module makes them: one after the other from one
// master key, from series numbers that the module holds.
import { atLeast, type Bench, figureOf } from './figure.ts';
import { withBenchPage } from './rig/bench-page.ts';

const ROUNDS = 9;
const KEYS = 20_000;

export const deriveBench: Bench = {
  about: `${KEYS} derived keys a round, from series numbers at hand`,
  run: ({ runs }) =>
    withBenchPage(async (measure) => {
      const rounds: number[] = [];
      for (let round = 0; round < (runs ?? ROUNDS); round += 1) {
        rounds.push(...(await measure({ kind: 'derived-keys', count: KEYS })));
      }
      return [figureOf({ name: 'derive', unit: 'keys/s', rounds, goal: atLeast(20_000) })];
    }),
};
