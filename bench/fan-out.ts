// What a hundred terminals cost the provider with one cache before it: files it was asked for, beside what one terminal alone makes the
// cache ask for. The cache is a real nginx; the terminals fetch with the player's own code. All watch one programme at one rung: a hundred who
// chose between two would rightly fetch two.
import { setTimeout as pause } from 'node:timers/promises';
import { startCache } from '../e2e/rig/cache.ts';
import { type Bench, figureOf, ratioAtMost } from './figure.ts';
import { watchLightly } from './rig/light-terminal.ts';
import { clearSample, withSample } from './rig/sample.ts';

const TERMINALS = 100;
const MOST_RATIO = 1.05;
/** Most begin within this time of each other, as before a programme everyone waits for; the rest come when all is in the cache. */
const ARRIVAL_MS = 2_000;

export const fanOutBench: Bench = {
  about: `files the provider is asked for by ${TERMINALS} terminals behind one cache, and by one`,
  run: async ({ runs, say }) => {
    const programme = await clearSample();
    const rung = programme.rungs[0]?.label;
    if (rung === undefined) throw new Error('the sample has no rung');
    const cache = await startCache();
    try {
      return await withSample(async ({ provider }) => {
        await cache.aimAt(Number(new URL(provider.terminalOrigin).port));
        const askedBy = async (terminals: number): Promise<number> => {
          await cache.forget();
          const watch = async (): Promise<number> => {
            await pause(terminals === 1 ? 0 : Math.random() * ARRIVAL_MS);
            return watchLightly({ origin: cache.origin, programmeId: programme.id, rung });
          };
          const watched = await Promise.all(Array.from({ length: terminals }, watch));
          if (watched.some((frames) => frames !== programme.sound.segments.length))
            throw new Error('a terminal was not given every frame');
          const content = (await cache.answered()).filter(({ path }) => path.startsWith('/content/'));
          const asked = content.filter((request) => request.asked).length;
          say(`${terminals} terminals: ${content.length} files fetched, ${asked} from the provider`);
          return asked;
        };
        const one: number[] = [];
        const many: number[] = [];
        for (let round = 0; round < (runs ?? 1); round += 1) {
          one.push(await askedBy(1));
          many.push(await askedBy(TERMINALS));
        }
        const peer = { name: 'one terminal', rounds: one };
        return [figureOf({ name: 'fan-out', unit: 'requests', rounds: many, peer, goal: ratioAtMost(MOST_RATIO) })];
      });
    } finally {
      await cache.stop();
    }
  },
};
