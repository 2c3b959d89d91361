// Two and three tabs over one real database in real Chromium, each doing what it likes at the same time, now and then held still in the middle
// of it; then every session is settled and held against what was seen. n clean stories bound the rate below 3/n at 95 %, of this generator.
import { freshSeed } from '../src/protocol/testing/chance.ts';
import { atMost, type Bench, figureOf } from './figure.ts';
import { withFaultPage } from './rig/fault-page.ts';

/** A minute's worth. */
const DEFAULT_STORIES = 24;

export const tabsBench: Bench = {
  about: 'two and three tabs at once over one database',
  run: async ({ runs, say }) => {
    const stories = runs ?? DEFAULT_STORIES;
    const seed = process.env.FAREBOX_SEED === undefined ? freshSeed() : Number(process.env.FAREBOX_SEED);
    say(`tabs: seed ${seed}`);
    let doubleUses = 0;
    let lostWrites = 0;
    let steps = 0;
    let holds = 0;
    await withFaultPage(async (page) => {
      for (let story = 0; story < stories; story += 1) {
        const tabCount = 2 + (story % 2);
        try {
          const report = await page.evaluate(([at, count]) => window.faults.walkTogether(at, count), [
            seed + story,
            tabCount,
          ] as const);
          doubleUses += report.overcounted;
          lostWrites += report.uncounted + report.lostReceipts + report.unfinished;
          steps += report.steps;
          holds += report.holds;
        } catch (error) {
          lostWrites += 1;
          say(`tabs: seed ${seed + story}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    });
    say(`tabs: ${stories} stories, ${steps} steps, ${holds} holds`);
    const unit = `in ${stories} stories`;
    return [
      figureOf({ name: 'tabs/double-uses', unit, rounds: [doubleUses], goal: atMost(0) }),
      figureOf({ name: 'tabs/lost-writes', unit, rounds: [lostWrites], goal: atMost(0) }),
    ];
  },
};
