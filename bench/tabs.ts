// Two and three tabs over one real database in real Chromium, each doing what it likes at the same time, now and then held still or
// ended in the middle of it; then every session is settled and held against what was seen. Each story has a page and an origin of its own, so that one that fails
// fails alone. n clean stories bound the rate below 3/n at 95 %, of this generator.
import { freshSeed } from '../src/protocol/testing/chance.ts';
import { faultsOf } from '../src/worker-module/testing/walk/reckon.ts';
import { atMost, type Bench, figureOf } from './figure.ts';
import { withFreshFaultPages } from './rig/fault-page.ts';

/** A minute's worth. */
const DEFAULT_STORIES = 24;

export const tabsBench: Bench = {
  about: 'two and three tabs at once over one database',
  run: async ({ runs, say }) => {
    const stories = runs ?? DEFAULT_STORIES;
    const firstSeed = process.env.FAREBOX_SEED === undefined ? freshSeed() : Number(process.env.FAREBOX_SEED);
    say(`tabs: seed ${firstSeed}`);
    let doubleUses = 0;
    let lostWrites = 0;
    let steps = 0;
    let holds = 0;
    let ends = 0;
    await withFreshFaultPages(async (inFreshPage) => {
      for (let seed = firstSeed; seed < firstSeed + stories; seed += 1) {
        const tabs = 2 + (seed % 2);
        try {
          const report = await inFreshPage((page) =>
            page.evaluate(([at, count]) => window.faults.tellStory(at, count), [seed, tabs] as const),
          );
          doubleUses += report.overcounted;
          lostWrites += report.uncounted + report.lostReceipts + report.unfinished;
          steps += report.steps;
          holds += report.holds;
          ends += report.ends;
          for (const cause of report.causes) say(`tabs: seed ${seed}, ${tabs} tabs: ${cause}`);
          if (faultsOf(report) > 0) say(`tabs: seed ${seed}, refused on the way: ${JSON.stringify(report.refusals)}`);
        } catch (error) {
          // It came to no end, so that what it lost cannot be counted.
          lostWrites += 1;
          say(`tabs: seed ${seed}, ${tabs} tabs: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    });
    say(`tabs: ${stories} stories, ${steps} steps, ${holds} holds, ${ends} tabs gone`);
    const unit = `in ${stories} stories`;
    return [
      figureOf({ name: 'tabs/double-uses', unit, rounds: [doubleUses], goal: atMost(0) }),
      figureOf({ name: 'tabs/lost-writes', unit, rounds: [lostWrites], goal: atMost(0) }),
    ];
  },
};
