// Walks through whole lives of a module in memory, cut again and again, with databases lost in between. `npm run bench -- kill` repeats them
// by the thousand; every change runs enough of them to call every command.

import { expect, test } from 'vitest';
import { freshSeed, makeChance } from '../../../protocol/testing/chance.ts';
import { runs } from '../../../protocol/testing/runs.ts';
import { COMMAND_NAMES } from '../../commands.ts';
import { LIVE, makeProviderSide, PROMISED } from '../provider-side.ts';
import { makeMemoryWalkBrowser } from './memory-browser.ts';
import { walk } from './walk.ts';

const WALKS = 6;
/** What a live programme adds is told in memory only: a few lives show that nothing of it is lost with a cut. */
const LIVE_WALKS = 2;
/** More than it takes to come to every command: what is missing is drawn before the rest. */
const MOST_WALKS = 30;

/** A whole programme under a contract, and a live one. */
const KINDS = [
  ['a whole programme', WALKS, MOST_WALKS, { contract: PROMISED }],
  ['a live one', LIVE_WALKS, LIVE_WALKS, { live: LIVE }],
] as const;

test.each(KINDS)(
  'BT-7: a module that is cut at any storage call, again and again, loses no frame and no receipt, and counts nothing twice: %s',
  async (_what, walks, mostWalks, terms) => {
    const provider = await makeProviderSide(terms);
    const called = new Set<string>();
    const firstSeed = Number(process.env.FAREBOX_SEED ?? freshSeed());
    const missing = () => COMMAND_NAMES.filter((name) => !called.has(name));
    const least = runs(walks);
    for (
      let seed = firstSeed;
      seed < firstSeed + least || (missing().length > 0 && seed < firstSeed + mostWalks);
      seed += 1
    ) {
      // What is missing depends on the walks before, so that a walk is told again from the first of its run.
      const place = `FAREBOX_SEED=${firstSeed}`;
      const plan = {
        chance: makeChance(seed),
        tabs: 8,
        stepsInTab: 30,
        lastPoint: 1_500,
        losses: 0.1,
        missing: missing(),
      };
      const report = await walk(provider, makeMemoryWalkBrowser(provider.agencyKey), plan).catch((cause: unknown) => {
        throw new Error(`${place}, walk of seed ${seed}`, { cause });
      });
      const { uncounted, overcounted, lostReceipts, unfinished } = report;
      expect({ place, seed, uncounted, overcounted, lostReceipts, unfinished }).toEqual({
        place,
        seed,
        uncounted: 0,
        overcounted: 0,
        lostReceipts: 0,
        unfinished: 0,
      });
      for (const name of report.called) called.add(name);
    }
    // A command that no walk comes to is a command that nobody cuts.
    if (mostWalks > walks) expect(missing()).toEqual([]);
  },
  240_000,
);
