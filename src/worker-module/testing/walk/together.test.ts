// Stories of two and three tabs in memory, where which tab comes first at the store is drawn. `npm run bench -- tabs` tells them in a real
// browser; every change tells enough of them to meet each race that was ever found there.

import { expect, test } from 'vitest';
import { freshSeed, makeChance } from '../../../protocol/testing/chance.ts';
import { runs } from '../../../protocol/testing/runs.ts';
import { makeTestBrowser } from '../browser.ts';
import { makeProviderSide } from '../provider-side.ts';
import { close } from './errands.ts';
import { makeMemoryWalkBrowser, openMemoryStoryTab } from './memory-browser.ts';
import { reckon } from './reckon.ts';
import { STEPS } from './steps.ts';
import { walkTogether } from './together.ts';
import { makeWorld, WalkCut, type WalkTab, type World } from './world.ts';

const STORIES = 6;

/** A world of its own, and the way to open tabs on its database. */
async function beginStory(seed: number) {
  const provider = await makeProviderSide();
  const { agencyKey } = provider;
  const browser = makeTestBrowser();
  const world: World = makeWorld(provider, makeMemoryWalkBrowser(agencyKey, browser), makeChance(seed));
  const open = () => openMemoryStoryTab(browser, agencyKey, world);
  return { browser, world, open };
}

async function twoTabs(seed: number) {
  const { open, ...story } = await beginStory(seed);
  return { ...story, one: await open(), other: await open() };
}

test('BT-7: two and three tabs at once over one database use nothing twice and lose no write, whichever comes first at the store', async () => {
  const firstSeed = Number(process.env.FAREBOX_SEED ?? freshSeed());
  for (let seed = firstSeed; seed < firstSeed + runs(STORIES); seed += 1) {
    const { world, open } = await beginStory(seed);
    const report = await walkTogether(world, 2 + (seed % 2), open).catch((cause: unknown) => {
      throw new Error(`story of seed ${seed}`, { cause });
    });
    const { uncounted, overcounted, lostReceipts, unfinished, causes } = report;
    expect({ seed, uncounted, overcounted, lostReceipts, unfinished, causes }).toEqual({
      ...{ seed, uncounted: 0, overcounted: 0, lostReceipts: 0, unfinished: 0, causes: [] },
    });
  }
}, 120_000);

test('BT-7: a session that one tab closes while another is opening it is opened, and is nobody’s loss', async () => {
  const { world, one: opener, other: closer } = await twoTabs(1);
  const racing: WalkTab = {
    ...opener,
    call: async (name, argument) => {
      if (name === 'openSession') {
        // The walk knows the session, the module does not yet.
        const [session] = world.sessions.keys();
        expect(await close(world, closer, session ?? '')).toBeNull();
      }
      return opener.call(name, argument);
    },
  };
  await STEPS.openSession(world, racing);
  expect([...world.sessions.values()].map(({ existence }) => existence)).toEqual(['open']);
  expect(await reckon(world, closer)).toMatchObject({ sessions: 1, lostReceipts: 0, unfinished: 0, causes: [] });
});

test('BT-7: a session that was told open and is unknown later is named as lost, with or without a frame shown', async () => {
  const { browser, world, one: opener, other: closer } = await twoTabs(2);
  await STEPS.openSession(world, opener);
  const [session] = world.sessions.keys();
  browser.rows.sessions.clear();
  await expect(close(world, closer, session ?? '')).rejects.toThrow(`session ${session} is lost`);
});

test('BT-7: a session whose tab was cut before it was durable is forgotten', async () => {
  const { world, one: opener, other: closer } = await twoTabs(3);
  const cut: WalkTab = {
    ...opener,
    call: (name, argument) => (name === 'openSession' ? Promise.reject(new WalkCut()) : opener.call(name, argument)),
  };
  await expect(STEPS.openSession(world, cut)).rejects.toThrow(WalkCut);
  expect(await reckon(world, closer)).toMatchObject({ sessions: 0, unfinished: 0, causes: [] });
});

test('BT-7: the reckoning says what it expected and what it found: a frame that was forgotten, a session nobody ended', async () => {
  const { world, one, other } = await twoTabs(4);
  await STEPS.openSession(world, one);
  await STEPS.openSession(world, other);
  const [first, second] = world.sessions.values();
  if (first === undefined || second === undefined) throw new Error('two sessions were not opened');
  first.shown.add(7);
  world.sessions.delete(second.session);
  const { causes, ...counts } = await reckon(world, one);
  expect(counts).toEqual({ sessions: 1, uncounted: 1, overcounted: 0, lostReceipts: 0, unfinished: 1 });
  expect(causes).toEqual([
    `session ${first.session}: frames 7 were told shown, its receipt counts none`,
    `session ${second.session} is still working: not known to the walk`,
  ]);
});
