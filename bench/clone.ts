// `clone`: copied profiles, both used, met in every order, and honest restarts. The real module over storage in memory, the host's real errands,
// the real provider asked without a socket. Every copy has to be named at its meetings, nobody else, and every frame that was seen has to be in
// a receipt. `--runs N` is the number of honest restarts; there is a story of copies for each sixteenth of them.
import { freshSeed } from '../src/protocol/testing/chance.ts';
import { atLeast, atMost, type Bench, type BenchOptions, figureOf } from './figure.ts';
import { type CloneProvider, openCloneProvider } from './rig/clone-provider.ts';
import { liveHonestly } from './rig/clone-restarts.ts';
import { STORY_KINDS, tellStory } from './rig/clone-story.ts';

/** What fits into some forty seconds of a free machine. */
const DEFAULT_RESTARTS = 320;
/** Honest restarts for each story of copies: the torture's 10 000 and 600. */
const RESTARTS_PER_STORY = 16;
/** Restarts of one profile: enough that what one of them leaves behind meets what another does. */
const RESTARTS_PER_LIFE = 20;

/** What the runs came to. */
export type CloneTally = {
  stories: number;
  meetings: number;
  named: number;
  restarts: number;
  alarms: number;
  shown: number;
  lost: number;
  /** Steps that were done in honest lives, and those that a kill, a fault or the weather ended. */
  done: number;
  ended: number;
  /** What else is not as it has to be, with the seed that shows it. */
  readonly troubles: string[];
};

/** Runs so many restarts, and the stories that go with them, each from a seed made of `seed`. Used by the bench and by `npm test`. */
export async function runClones(
  provider: CloneProvider,
  seed: number,
  runs: { readonly stories: number; readonly restarts: number },
  say: BenchOptions['say'],
): Promise<CloneTally> {
  const tally: CloneTally = {
    ...{ stories: 0, meetings: 0, named: 0, restarts: 0, alarms: 0, shown: 0, lost: 0, done: 0, ended: 0 },
    troubles: [],
  };
  const trouble = (said: string) => {
    tally.troubles.push(said);
    say(said);
  };
  for (let at = 0; at < runs.stories; at += 1) {
    // Every kind comes in turn, so that a few stories have them all.
    const kind = STORY_KINDS[at % STORY_KINDS.length];
    const story = await tellStory(provider, seedOf(seed, at), kind);
    tally.stories += 1;
    tally.meetings += story.meetings;
    tally.named += story.named;
    tally.shown += story.shown;
    tally.lost += story.lost;
    for (const said of story.troubles) trouble(`story ${at} (${story.kind}) of seed ${seed}: ${said}`);
  }
  for (let at = 0; tally.restarts < runs.restarts; at += 1) {
    const restarts = Math.min(RESTARTS_PER_LIFE, runs.restarts - tally.restarts);
    const life = await liveHonestly(provider, seedOf(seed, runs.stories + at), restarts);
    tally.restarts += restarts;
    tally.done += life.done;
    tally.ended += life.ended;
    tally.alarms += life.alarms.length;
    tally.shown += life.shown;
    tally.lost += life.lost;
    for (const said of [...life.alarms, ...life.troubles]) trouble(`life ${at} of seed ${seed}: ${said}`);
  }
  return tally;
}

/** A seed of its own for each story and life, so that one can be told again without those before it. */
function seedOf(seed: number, at: number): number {
  return (seed + Math.imul(at + 1, 0x9e3779b9)) >>> 0;
}

function givenSeed(): number {
  const given = process.env.FAREBOX_SEED;
  if (given === undefined) return freshSeed();
  const seed = Number(given);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('FAREBOX_SEED takes a whole number from 0');
  return seed;
}

/** The bench. */
export const cloneBench: Bench = {
  about: 'copied profiles met in every order, and honest restarts',
  run: async ({ runs, say }) => {
    const restarts = runs ?? DEFAULT_RESTARTS;
    const stories = Math.max(STORY_KINDS.length, Math.round(restarts / RESTARTS_PER_STORY));
    const seed = givenSeed();
    say(`${stories} stories of copies and ${restarts} honest restarts; FAREBOX_SEED=${seed} repeats what is chosen`);
    const provider = await openCloneProvider();
    try {
      const tally = await runClones(provider, seed, { stories, restarts }, say);
      say(summaryOf(tally));
      if (tally.meetings === 0 || tally.shown === 0 || tally.done === 0) throw new Error('nothing was met or shown');
      return [
        figureOf({ name: 'clone', unit: 'named', rounds: [tally.named / tally.meetings], goal: atLeast(1) }),
        figureOf({ name: 'clone/false-alarms', unit: 'alarms', rounds: [tally.alarms], goal: atMost(0) }),
        figureOf({ name: 'clone/lost', unit: 'frames', rounds: [tally.lost], goal: atMost(0) }),
        // A wrong ledger or a receipt that cannot be delivered must not pass beside the others.
        figureOf({ name: 'clone/troubles', unit: 'troubles', rounds: [tally.troubles.length], goal: atMost(0) }),
      ];
    } finally {
      await provider.close();
    }
  },
};

function summaryOf({ stories, meetings, named, restarts, alarms, shown, lost, done, ended }: CloneTally): string {
  return [
    `${named} of ${meetings} meetings named in ${stories} stories; ${alarms} alarms in ${restarts} honest restarts`,
    `${done} steps done and ${ended} ended by kills, faults and weather; ${lost} of ${shown} frames shown are in no receipt`,
    `n clean runs bound the rate below 3/n at 95 %, of this generator and no more: here 3/${restarts} for alarms, 3/${meetings} for meetings`,
  ].join('; ');
}
