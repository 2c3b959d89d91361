// A walk's browser in memory: the tabs of testing/browser.ts, cut at any storage call on either side of its effect. A tab that was cut
// answers like a worker that is gone: every call under way ends with WalkCut.

import { toErrorData } from '../../../protocol/errors.ts';
import { clearMemoryRows } from '../../store/testing/memory-store.ts';
import { makeTestBrowser, openTab, type TestBrowser, type TestTab } from '../browser.ts';
import type { StoryTab } from './together.ts';
import { answerOf, type Chance, type WalkBrowser, WalkCut, type WalkTab, type World } from './world.ts';

/** Time between two calls, ms: now and then the checkpoint is due. */
const CALL_MS = 60;

/** Share of the storage calls of a story before which another tab gets its turn. */
const YIELDING = 0.3;
/** Turns of the event loop that a tab stands still for at most. */
const HELD_TURNS = 60;

/** A browser to walk in. Point 2k − 1 is before the effect of storage call k of a tab, point 2k after it. */
export function makeMemoryWalkBrowser(agencyKey: Uint8Array, browser: TestBrowser = makeTestBrowser()): WalkBrowser {
  return {
    open: async (cutAt, answer) => {
      browser.person.answer = answer;
      const side = cutAt !== null && cutAt % 2 === 0 ? 'after' : 'before';
      const fault = cutAt === null ? null : ({ call: Math.ceil(cutAt / 2), side: side } as const);
      const tab = await openTab(browser, agencyKey, fault);
      if (tab.store.isDead()) {
        tab.kill();
        throw new WalkCut();
      }
      return walkTabOf(tab, () => browser.clock.advance(CALL_MS));
    },
    loseDatabase: async () => clearMemoryRows(browser.rows),
  };
}

/** Opens a tab of a story: which of them comes first at the store is drawn at each of its calls. */
export async function openMemoryStoryTab(browser: TestBrowser, agencyKey: Uint8Array, world: World): Promise<StoryTab> {
  browser.person.answer = answerOf(world);
  const tab = await openTab(browser, agencyKey);
  const pauses = makePauses(world.chance);
  tab.store.setPause(pauses.pause);
  const walked = walkTabOf(tab, () => browser.clock.advance(CALL_MS));
  return { ...walked, hold: pauses.hold, letGo: pauses.letGo };
}

type Pauses = Pick<StoryTab, 'hold' | 'letGo'> & { pause(): Promise<void> };

function makePauses(chance: Chance): Pauses {
  let heldTurns = 0;
  const oneTurn = () => new Promise<void>((resolve) => void setTimeout(resolve, 0));
  return {
    hold: (part) => {
      heldTurns = Math.ceil(part * HELD_TURNS);
    },
    letGo: () => {
      heldTurns = 0;
    },
    pause: async () => {
      if (chance() < YIELDING) await oneTurn();
      while (heldTurns > 0) {
        heldTurns -= 1;
        await oneTurn();
      }
    },
  };
}

function walkTabOf(tab: TestTab, passTime: () => void): WalkTab {
  /** What a dead worker would have said is never heard. */
  const unlessCut = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      const value = await run();
      if (tab.store.isDead()) throw new WalkCut();
      return value;
    } catch (error) {
      if (tab.store.isDead()) throw new WalkCut();
      throw error;
    }
  };
  const prepared = (frame: number) => {
    const { frames } = tab.sink();
    const found = frames.get(frame);
    frames.delete(frame);
    return found;
  };
  return {
    active: null,
    call: (name, argument) =>
      unlessCut(() => {
        passTime();
        return tab.call(name, argument);
      }),
    waiting: () => [...tab.sink().frames.keys()],
    show: (frame) =>
      unlessCut(async () => {
        const found = prepared(frame);
        if (found === undefined) return { shown: false, code: null };
        try {
          await found.count({ late: false });
          return { shown: true, code: null };
        } catch (error) {
          return { shown: false, code: toErrorData(error).code };
        }
      }),
    withhold: (frame) => unlessCut(async () => prepared(frame)?.withhold()),
    end: tab.kill,
  };
}
