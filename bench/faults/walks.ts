// The walks of src/worker-module/testing/walk in a real browser: one database for the life of this page, one worker for each tab. Either one
// command cut at one point, or two and three tabs at once, now and then held still in the middle of what they do.
import { makeChance } from '../../src/protocol/testing/chance.ts';
import { COMMAND_NAMES, type CommandName } from '../../src/worker-module/commands.ts';
import { DATABASE_NAME } from '../../src/worker-module/store/database.ts';
import { makeProviderSide } from '../../src/worker-module/testing/provider-side.ts';
import { START_TIME } from '../../src/worker-module/testing/test-clock.ts';
import { type StoryReport, type StoryTab, walkTogether } from '../../src/worker-module/testing/walk/together.ts';
import { type CutReport, cutOneCommand } from '../../src/worker-module/testing/walk/walk.ts';
import {
  answerOf,
  makeWorld,
  type WalkBrowser,
  WalkCut,
  type WalkTab,
  type World,
} from '../../src/worker-module/testing/walk/world.ts';
import { openWorkerTab, TabCut } from './worker-tab.ts';

/** What one cut came to, and where it was. */
export type PointReport = CutReport & { readonly point: string | null };

/** Longest time that a tab is held still, ms: far below the deadline of a call. */
const HOLD_MS = 120;

const bornMs = performance.now();
let lastCut: string | null = null;

const world: Promise<World> = makeProviderSide().then((provider) =>
  makeWorld(provider, browserOf(provider.agencyKey), Math.random),
);

/** Number of commands, each of which can be cut. */
export const commandNames = (): readonly CommandName[] => COMMAND_NAMES;

/** One command, cut at one point of its tab. */
export async function cutCommand(name: CommandName, cutAt: number): Promise<PointReport> {
  const walked = await world;
  letTimePass(walked);
  lastCut = null;
  const report = await cutOneCommand(walked, name, cutAt);
  walked.sessions.clear();
  return { ...report, point: report.wasCut ? lastCut : null };
}

/** A story of so many tabs, from one seed; for a page whose origin has no module yet. @throws an Error that names the steps that failed. */
export async function tellStory(seed: number, tabCount: number): Promise<StoryReport> {
  const common = await world;
  letTimePass(common);
  const walked: World = { ...common, chance: makeChance(seed) };
  return walkTogether(walked, tabCount, () => openStoryTab(walked));
}

async function openStoryTab(walked: World): Promise<StoryTab> {
  const hold = new Int32Array(new SharedArrayBuffer(4));
  const tab = await openWalkTab(walked.provider.agencyKey, null, hold, walked);
  let timer = 0;
  const letGo = (): void => {
    window.clearTimeout(timer);
    Atomics.store(hold, 0, 0);
    Atomics.notify(hold, 0);
  };
  return {
    ...tab,
    hold: (part) => {
      Atomics.store(hold, 0, 1);
      timer = window.setTimeout(letGo, part * HOLD_MS);
    },
    letGo,
  };
}

/** The provider's clock goes on with the machine's, as the module's does. */
function letTimePass({ provider }: World): void {
  provider.ledger.now = START_TIME + Math.floor(performance.now() - bornMs);
}

function browserOf(agencyKey: Uint8Array): WalkBrowser {
  return {
    open: async (cutAt) => openWalkTab(agencyKey, cutAt, null, await world),
    loseDatabase: () =>
      new Promise((resolve, reject) => {
        const deletion = indexedDB.deleteDatabase(DATABASE_NAME);
        deletion.onsuccess = () => resolve();
        deletion.onerror = () => reject(deletion.error ?? new Error('the database could not be deleted'));
      }),
  };
}

async function openWalkTab(
  agencyKey: Uint8Array,
  cutAt: number | null,
  hold: Int32Array | null,
  walked: World,
): Promise<WalkTab> {
  const clockOffsetMs = START_TIME - Date.now() + Math.floor(performance.now() - bornMs);
  const unlessCut = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof TabCut)) throw error;
      lastCut = error.message;
      throw new WalkCut(error.message);
    }
  };
  const answer = answerOf(walked);
  const tab = await unlessCut(() => openWorkerTab({ agencyKey, clockOffsetMs, cutAt, hold, answer }));
  return {
    active: null,
    call: (name, argument) => unlessCut(() => tab.call(name, argument)),
    waiting: () => [...tab.waiting],
    show: (frame) => unlessCut(() => tab.show(frame)),
    withhold: (frame) => unlessCut(() => tab.withhold(frame)),
    end: tab.end,
  };
}
