// The module killed: in real Chromium its worker ended at the points of every command it has (found by wrapping what the module is given,
// bench/faults/points.ts), and in memory whole lives cut at drawn storage calls. After each, one start. n clean cuts bound the rate of
// faults below 3/n at 95 %, of this generator and no more.
import type { Page } from '@playwright/test';
import { freshSeed, makeChance } from '../src/protocol/testing/chance.ts';
import type { CommandName } from '../src/worker-module/commands.ts';
import { makeProviderSide } from '../src/worker-module/testing/provider-side.ts';
import { makeMemoryWalkBrowser } from '../src/worker-module/testing/walk/memory-browser.ts';
import { faultsOf, type Reckoning } from '../src/worker-module/testing/walk/reckon.ts';
import { walk } from '../src/worker-module/testing/walk/walk.ts';
import { atMost, type Bench, figureOf } from './figure.ts';
import { withFaultPage } from './rig/fault-page.ts';

/** A minute's worth. From FULL_RUNS on, every point of every command is cut in Chromium; below, so many points are drawn. */
const DEFAULT_RUNS = 240;
const FULL_RUNS = 10_000;
/** Share of the runs that are cuts in Chromium, where each costs a start of the worker. */
const IN_CHROMIUM = 0.4;
/** No command passes more points than this: a loop that reaches it does not end by itself. */
const MOST_POINTS = 600;
const LIFE = { tabs: 8, stepsInTab: 30, lastPoint: 1_500, losses: 0.1 };

type Faults = { -readonly [Kind in keyof Omit<Reckoning, 'sessions' | 'causes'>]: number };
type Tally = { readonly faults: Faults; cuts: number; stuck: number };

export const killBench: Bench = {
  about: 'the module cut at every commit and message of every command, and then started once',
  run: async ({ runs, say }) => {
    const wanted = runs ?? DEFAULT_RUNS;
    const seed = process.env.FAREBOX_SEED === undefined ? freshSeed() : Number(process.env.FAREBOX_SEED);
    say(`kill: seed ${seed}`);
    const tally: Tally = {
      faults: { uncounted: 0, overcounted: 0, lostReceipts: 0, unfinished: 0 },
      cuts: 0,
      stuck: 0,
    };
    await withFaultPage((page) =>
      wanted >= FULL_RUNS
        ? cutEverywhere(page, tally, say)
        : cutSomewhere(page, Math.ceil(wanted * IN_CHROMIUM), seed, tally, say),
    );
    const inChromium = tally.cuts;
    await cutLives(wanted - (wanted >= FULL_RUNS ? 0 : inChromium), seed, tally, say);
    say(`kill: ${inChromium} cuts in Chromium, ${tally.cuts - inChromium} in memory`);
    const count = (name: string, found: number) =>
      figureOf({ name: `kill/${name}`, unit: `in ${tally.cuts} cuts`, rounds: [found], goal: atMost(0) });
    const { uncounted, overcounted, lostReceipts, unfinished } = tally.faults;
    return [
      count('uncounted', uncounted),
      count('counted-twice', overcounted),
      count('receipts-lost', lostReceipts),
      count('unfinished', unfinished + tally.stuck),
    ];
  },
};

/** Every point of every command, one after the other. */
async function cutEverywhere(page: Page, tally: Tally, say: (line: string) => void): Promise<void> {
  for (const name of await page.evaluate(() => [...window.faults.commandNames()])) {
    // A module of its own for each command: no history of hundreds of cuts behind it.
    await page.evaluate((last) => window.faults.cutCommand('startAnew', last), MOST_POINTS);
    let cutAt = 1;
    for (; cutAt <= MOST_POINTS; cutAt += 1) if (!(await cutOnce(page, name, cutAt, tally, say))) break;
    if (cutAt > MOST_POINTS) throw new Error(`${name} passes more than ${MOST_POINTS} points`);
    say(`kill: ${name}, ${cutAt - 1} points`);
  }
}

/** Points drawn at random, every command in turn. */
async function cutSomewhere(
  page: Page,
  cuts: number,
  seed: number,
  tally: Tally,
  say: (line: string) => void,
): Promise<void> {
  const chance = makeChance(seed);
  const names = await page.evaluate(() => [...window.faults.commandNames()]);
  const lastPoints = new Map<CommandName, number>();
  for (let run = 0; run < cuts; run += 1) {
    const name = names[run % names.length];
    if (name === undefined) throw new Error('there are no commands');
    const cutAt = 1 + Math.floor(chance() * (lastPoints.get(name) ?? 40));
    if (!(await cutOnce(page, name, cutAt, tally, say))) lastPoints.set(name, Math.max(1, cutAt - 1));
  }
}

/** @returns whether there was such a point. */
async function cutOnce(
  page: Page,
  name: CommandName,
  cutAt: number,
  tally: Tally,
  say: (line: string) => void,
): Promise<boolean> {
  try {
    const report = await page.evaluate(([at, point]) => window.faults.cutCommand(at, point), [name, cutAt] as const);
    if (!report.wasCut) return false;
    tally.cuts += 1;
    note(tally.faults, report);
    if (faultsOf(report) > 0) say(`kill: ${name} at point ${cutAt} (${report.point}): ${JSON.stringify(report)}`);
    return true;
  } catch (error) {
    tally.cuts += 1;
    tally.stuck += 1;
    say(`kill: ${name} at point ${cutAt}: ${error instanceof Error ? error.message : String(error)}`);
    return true;
  }
}

/** Lives in memory, until so many cuts have happened. */
async function cutLives(cuts: number, seed: number, tally: Tally, say: (line: string) => void): Promise<void> {
  const provider = await makeProviderSide();
  const last = tally.cuts + cuts;
  for (let at = seed; tally.cuts < last; at += 1) {
    try {
      const report = await walk(provider, makeMemoryWalkBrowser(provider.agencyKey), {
        ...LIFE,
        chance: makeChance(at),
      });
      tally.cuts += report.cuts;
      note(tally.faults, report);
      if (faultsOf(report) > 0) say(`kill: life of seed ${at}: ${JSON.stringify(report)}`);
    } catch (error) {
      tally.cuts += 1;
      tally.stuck += 1;
      say(`kill: life of seed ${at}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function note(faults: Faults, found: Reckoning): void {
  faults.uncounted += found.uncounted;
  faults.overcounted += found.overcounted;
  faults.lostReceipts += found.lostReceipts;
  faults.unfinished += found.unfinished;
}
