// A walk through a module's life from one seed: steps (steps.ts) drawn by chance or named, tabs cut at drawn or named points and started
// again, and at the end a reckoning. The same walk runs over storage in memory and in a real browser; what differs is the WalkBrowser.

import { COMMAND_NAMES, type CommandName } from '../../commands.ts';
import type { ProviderSide } from '../provider-side.ts';
import { type Reckoning, reckon } from './reckon.ts';
import { STEPS } from './steps.ts';
import {
  answerOf,
  type Chance,
  makeWorld,
  pick,
  type WalkBrowser,
  WalkCut,
  type WalkTab,
  type World,
} from './world.ts';

/** What a walk came to. */
export type WalkReport = Reckoning & {
  /** Cuts that happened. */
  readonly cuts: number;
  readonly called: readonly CommandName[];
  readonly refusals: Readonly<Record<string, number>>;
};

/** Erasing everything is rare in a life, and empties the walk of what it has. */
const RARE: ReadonlySet<CommandName> = new Set(['startAnew', 'restore']);
const RARITY = 0.15;
/** Share of the steps that show frames: what a life mostly is, and what must be counted. */
const PLAYING = 0.4;
/** Share of the other steps that are drawn of what is missing. */
const MISSING = 0.5;

/** How a walk goes. */
export type WalkPlan = {
  readonly chance: Chance;
  /** Tabs opened one after the other, each to be cut. */
  readonly tabs: number;
  /** Steps in one tab at most. */
  readonly stepsInTab: number;
  /** A tab is cut at a point up to this one. */
  readonly lastPoint: number;
  /** Share of tabs before which the browser throws the database away. */
  readonly losses: number;
  /** What a run of walks has not come to yet: drawn as often as everything else together. */
  readonly missing?: readonly CommandName[];
};

/** Walks by chance and reckons. @throws an Error that says which step failed, and how. */
export async function walk(provider: ProviderSide, browser: WalkBrowser, plan: WalkPlan): Promise<WalkReport> {
  const world = makeWorld(provider, browser, plan.chance);
  let cuts = 0;
  for (let opened = 0; opened < plan.tabs; opened += 1) {
    if (opened > 0 && plan.chance() < plan.losses) await loseDatabase(world);
    // Early points are the starts, of which there are as many as tabs; late ones let a life grow.
    const cutAt = 1 + Math.floor(plan.chance() ** 2 * plan.lastPoint);
    const wasCut = await inTab(world, cutAt, async (tab) => {
      for (let step = 0; step < plan.stepsInTab; step += 1) {
        const name = drawStep(world, plan);
        if (RARE.has(name) && plan.chance() > RARITY) continue;
        await STEPS[name](world, tab);
      }
    });
    if (wasCut) cuts += 1;
  }
  return { ...(await finish(world)), cuts, called: [...world.called], refusals: Object.fromEntries(world.refusals) };
}

function drawStep(world: World, { chance, missing = [] }: WalkPlan): CommandName {
  if (chance() < PLAYING) return 'deliver';
  const left = missing.filter((name) => !world.called.has(name));
  // Without anything missing no more is drawn than ever: a seed tells the same walk.
  if (left.length > 0 && chance() < MISSING) return pick(chance, left);
  return pick(chance, COMMAND_NAMES);
}

/** What came of one command cut at one point. */
export type CutReport = Reckoning & {
  /** False where the command was done before that point came: there are no more of them. */
  readonly wasCut: boolean;
};

/** Calls one command in a world that has had a little life, cut at point `cutAt` of its tab, then starts again and reckons. */
export async function cutOneCommand(world: World, name: CommandName, cutAt: number): Promise<CutReport> {
  await inTab(world, null, async (tab) => {
    await STEPS.deliver(world, tab);
    await STEPS.answerChallenge(world, tab);
  });
  const wasCut = await inTab(world, cutAt, (tab) => STEPS[name](world, tab));
  return { ...(await finish(world)), wasCut };
}

async function finish(world: World): Promise<Reckoning> {
  let reckoning: Reckoning | null = null;
  await inTab(world, null, async (tab) => {
    reckoning = await reckon(world, tab);
  });
  if (reckoning === null) throw new Error('the reckoning was cut');
  return reckoning;
}

async function loseDatabase(world: World): Promise<void> {
  for (const walked of world.sessions.values()) walked.uncertain = true;
  await world.browser.loseDatabase();
}

/** Opens a tab, acts in it, ends it. @returns whether it was cut. */
async function inTab(world: World, cutAt: number | null, act: (tab: WalkTab) => Promise<void>): Promise<boolean> {
  let tab: WalkTab | null = null;
  try {
    tab = await world.browser.open(cutAt, answerOf(world));
    await act(tab);
    return false;
  } catch (error) {
    if (error instanceof WalkCut) return true;
    throw error;
  } finally {
    tab?.end();
  }
}
