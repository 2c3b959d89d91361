// How long a start takes with a long life behind it: a record of 100 000 entries, then the module's worker made anew again and again, from
// its making to the word that it is ready.
import { atMost, type Bench, figureOf } from './figure.ts';
import { withBenchPage } from './rig/bench-page.ts';

const ROUNDS = 15;
const ENTRIES = 100_000;
/** As a batch of frames in flight makes them. */
const ENTRIES_PER_COMMIT = 100;
const GOAL_MS = 300;

export const resumeBench: Bench = {
  about: `start to ready with ${ENTRIES} record entries`,
  run: ({ runs, say }) =>
    withBenchPage(async (measure) => {
      await measure({ kind: 'module-start', starts: 1 });
      say(`resume: writing ${ENTRIES} entries`);
      const commits = ENTRIES / ENTRIES_PER_COMMIT;
      await measure({ kind: 'store-commit', commits, entries: ENTRIES_PER_COMMIT });
      const rounds = await measure({ kind: 'module-start', starts: runs ?? ROUNDS });
      return [figureOf({ name: 'resume', unit: 'ms', rounds, goal: atMost(GOAL_MS) })];
    }),
};
