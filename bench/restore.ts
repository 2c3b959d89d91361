// How long a restore takes: a backup of 10 000 objects, half sessions and half their receipts, into an empty store, in a browser profile on
// disk; from the command to the report. The report has to account for each of them.
import { atLeast, atMost, type Bench, figureOf } from './figure.ts';
import { withBenchPage } from './rig/bench-page.ts';

const ROUNDS = 3;
const OBJECTS = 10_000;
const GOAL_MS = 5_000;

export const restoreBench: Bench = {
  about: `wipe, then restore ${OBJECTS} objects from a backup`,
  run: async ({ runs, say }) => {
    const tookMs: number[] = [];
    const accounted: number[] = [];
    for (let round = 0; round < (runs ?? ROUNDS); round += 1) {
      // A browser of its own each time: the wiped one of a person has nothing left in it either.
      await withBenchPage(async (measure) => {
        const [took = Number.NaN, things = Number.NaN] = await measure({ kind: 'module-restore', objects: OBJECTS });
        tookMs.push(took);
        accounted.push(things);
        say(`restore: ${Math.round(took)} ms, ${things} accounted for`);
      });
    }
    return [
      figureOf({ name: 'restore', unit: 'ms', rounds: tookMs, goal: atMost(GOAL_MS) }),
      figureOf({ name: 'restore/accounted', unit: 'objects', rounds: accounted, goal: atLeast(OBJECTS) }),
    ];
  },
};
