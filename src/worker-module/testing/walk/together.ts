// A story of two or three tabs over one database: each does what it likes at the same time, now and then one stands still or goes
// away in the middle of it and another is opened, and at the end every session is settled and held against what was seen. The same story runs in memory and in a real browser.

import type { CommandName } from '../../commands.ts';
import { type Reckoning, reckon } from './reckon.ts';
import { STEPS } from './steps.ts';
import { type Chance, pick, WalkCut, type WalkTab, type World } from './world.ts';

/** A tab that can be made to stand still, as a browser freezes one that nobody looks at. */
export type StoryTab = WalkTab & {
  /** Stands still at its next storage call or message, for this part (0 to 1) of its longest time or until it is let go. */
  hold(part: number): void;
  letGo(): void;
};

/** What several tabs came to. */
export type StoryReport = Reckoning & {
  readonly steps: number;
  readonly holds: number;
  /** Tabs that went away in the middle. */
  readonly ends: number;
  /** Refusals that were met and may come, by command and code. */
  readonly refusals: Readonly<Record<string, number>>;
};

/** Operations that two tabs of one person can mean at the same time; what erases or replaces everything is walked by one. */
const TOGETHER: readonly CommandName[] = [
  'openSession',
  'resumeSession',
  'deliver',
  'deliver',
  'deliver',
  'pause',
  'seek',
  'closeSession',
  'acceptAcknowledgement',
  'answerChallenge',
  'backupCopy',
  'acceptStanding',
  'operations',
  'receipts',
  'setAllowance',
  'askPersistence',
  'importKey',
  'acceptAgreement',
  'signIn',
];
const ROUNDS = 14;
/** Share of the steps in whose middle the tab stands still. */
const HELD = 0.25;

/** Share of the steps in whose middle the tab goes away, and another one is opened beside the rest. */
const GONE = 0.06;
/** A tab that goes away does so before this many events of the others. */
const LAST_MOMENTS = 20;

/** Opens one more tab on the database of the story. */
export type OpenStoryTab = () => Promise<StoryTab>;

/** Plays the story in so many tabs at a time. @throws an Error that names every step that failed, when all have come to their end. */
export async function walkTogether(world: World, tabCount: number, open: OpenStoryTab): Promise<StoryReport> {
  const tabs: StoryTab[] = [];
  const tally = { steps: 0, holds: 0, ends: 0 };
  try {
    for (let opened = 0; opened < tabCount; opened += 1) tabs.push(await open());
    // Enrolled by one, so that the others do not race for the keys; that race is in the walks of one tab.
    await STEPS.openSession(world, pick(world.chance, tabs));
    for (let round = 0; round < ROUNDS; round += 1) await playRound(world, tabs, open, tally);
    for (const tab of tabs) tab.letGo();
    const reckoning = await reckon(world, pick(world.chance, tabs));
    return { ...reckoning, ...tally, refusals: Object.fromEntries(world.refusals) };
  } finally {
    for (const tab of tabs) tab.end();
  }
}

/** One step in each tab, all at once. */
async function playRound(
  world: World,
  tabs: StoryTab[],
  open: OpenStoryTab,
  tally: { steps: number; holds: number; ends: number },
): Promise<void> {
  const { chance } = world;
  const playing = tabs.map(async (tab, at) => {
    const name = pick(chance, TOGETHER);
    const isHeld = chance() < HELD;
    const isGone = chance() < GONE;
    tally.steps += 1;
    if (isHeld) tab.hold(chance());
    if (isHeld) tally.holds += 1;
    try {
      await Promise.all([STEPS[name](world, tab), isGone ? endSoon(tab, chance) : null]);
    } catch (error) {
      if (!(isGone && error instanceof WalkCut)) throw new Error(`${name} in tab ${at}: ${describe(error)}`);
    }
    if (!isGone) return;
    tally.ends += 1;
    tabs[at] = await open();
  });
  const outcomes = await Promise.allSettled(playing);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [describe(outcome.reason)] : []));
  if (failures.length > 0) throw new Error(failures.join('; '));
}

async function endSoon(tab: StoryTab, chance: Chance): Promise<void> {
  for (let moments = Math.floor(chance() * LAST_MOMENTS); moments > 0; moments -= 1) await nextTurn();
  tab.end();
}

const nextTurn = () => new Promise<void>((resolve) => void setTimeout(resolve, 0));

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
