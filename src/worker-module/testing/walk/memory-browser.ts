// A walk's browser in memory: the tabs of testing/browser.ts, cut at any storage call on either side of its effect. A tab that was cut
// answers like a worker that is gone: every call under way ends with WalkCut.

import { clearMemoryRows } from '../../store/testing/memory-store.ts';
import { makeTestBrowser, openTab, type TestTab } from '../browser.ts';
import { type WalkBrowser, WalkCut, type WalkTab } from './world.ts';

/** Time between two calls, ms: now and then the checkpoint is due. */
const CALL_MS = 60;

/** A browser in which nothing was stored. Point 2k − 1 is before the effect of storage call k of a tab, point 2k after it. */
export function makeMemoryWalkBrowser(agencyKey: Uint8Array): WalkBrowser {
  const browser = makeTestBrowser();
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
        await found?.count({ late: false });
        return found !== undefined;
      }),
    withhold: (frame) => unlessCut(async () => prepared(frame)?.withhold()),
    end: tab.kill,
  };
}
