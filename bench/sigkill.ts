// Every process of a real Chromium killed while its module writes, and single bytes turned over in the files of its database: after each, one
// start. Nothing told durable may be missing, no gap, nothing counted twice; where the browser threw the database away, that is noticed and
// taken up again. n clean runs bound the rate below 3/n at 95 %, of this generator and no more.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chance, freshSeed, makeChance } from '../src/protocol/testing/chance.ts';
import type { Inspection, Told } from './faults/write-loop.ts';
import { atMost, type Bench, figureOf } from './figure.ts';
import { FAULT_PAGE_FOLDER } from './rig/fault-page.ts';
import { openKillableBrowser } from './rig/killed-browser.ts';
import { withServedPage } from './rig/page-server.ts';

/** A minute's worth; `npm run torture -- sigkill` does 100 and 50. */
const DEFAULT_KILLS = 8;
/** Bytes are flipped half as often as processes are killed. */
const KILLS_PER_FLIP = 2;
/** Writing goes on for so long before the kill, ms: long enough to be in the middle of sessions, short enough to be in their beginnings. */
const LEAST_WRITING_MS = 150;
const MOST_WRITING_MS = 1_500;

type Fault = { readonly what: 'kill' | 'flip'; readonly found: string };

type Tally = {
  readonly torn: Fault[];
  readonly gaps: Fault[];
  readonly unrecovered: Fault[];
  noticed: number;
  told: number;
};

export const sigkillBench: Bench = {
  about: 'Chromium killed in the middle of writing, and bytes of its database turned over',
  run: async ({ runs, say }) => {
    const kills = runs ?? DEFAULT_KILLS;
    const flips = Math.ceil(kills / KILLS_PER_FLIP);
    const seed = freshSeed();
    say(`sigkill: seed ${seed}, ${kills} kills, ${flips} flipped bytes`);
    const chance = makeChance(seed);
    const tally: Tally = { torn: [], gaps: [], unrecovered: [], noticed: 0, told: 0 };
    await withServedPage(FAULT_PAGE_FOLDER, async (origin) => {
      for (let run = 1; run <= kills + flips; run += 1) {
        const what = run <= kills ? 'kill' : 'flip';
        await oneFault(what, origin, chance, tally);
        say(
          `sigkill: ${run} of ${kills + flips} (${what}); ${tally.told} frames told, ${tally.noticed} losses noticed`,
        );
      }
    });
    for (const { what, found } of [...tally.torn, ...tally.gaps, ...tally.unrecovered])
      say(`sigkill: ${what}: ${found}`);
    const count = (name: string, faults: readonly Fault[]) =>
      figureOf({ name: `sigkill/${name}`, unit: `of ${kills + flips}`, rounds: [faults.length], goal: atMost(0) });
    return [count('torn', tally.torn), count('gaps', tally.gaps), count('unrecovered', tally.unrecovered)];
  },
};

/** One profile, written to, hurt and looked at. */
async function oneFault(what: 'kill' | 'flip', origin: string, chance: Chance, tally: Tally): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'farebox-sigkill-'));
  try {
    const told = await writeAndKill(profile, origin, chance);
    tally.told += told.length;
    if (what === 'flip') {
      // Hurt only what was whole: a start and an orderly end come before.
      judge('kill', await look(profile, origin), told, tally);
      await flipOneByte(profile, chance);
    }
    judge(what, await look(profile, origin), told, tally);
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function writeAndKill(profile: string, origin: string, chance: Chance): Promise<readonly Told[]> {
  const told: Told[] = [];
  const browser = await openKillableBrowser(profile, `${origin}/`);
  const first = Promise.withResolvers<void>();
  await browser.page.exposeFunction('tellNode', (frame: Told) => {
    told.push(frame);
    first.resolve();
  });
  // It never resolves: the browser is gone before.
  browser.page.evaluate(() => window.faults.writeForEver()).catch(first.reject);
  await first.promise;
  await new Promise((resolve) =>
    setTimeout(resolve, LEAST_WRITING_MS + chance() * (MOST_WRITING_MS - LEAST_WRITING_MS)),
  );
  await browser.kill();
  return told;
}

async function look(profile: string, origin: string): Promise<Inspection> {
  const browser = await openKillableBrowser(profile, `${origin}/`);
  try {
    return await browser.page.evaluate(() => window.faults.inspect());
  } finally {
    await browser.close();
  }
}

function judge(what: 'kill' | 'flip', found: Inspection, told: readonly Told[], tally: Tally): void {
  const { storage, storageAfter, refusal, scan, shown } = found;
  const lost = storage === 'wiped' || storage === 'altered';
  if (lost) tally.noticed += 1;
  if (storageAfter !== 'ready' || refusal !== null) {
    tally.unrecovered.push({ what, found: `storage ${storage}, then ${storageAfter}, refused with ${refusal}` });
    return;
  }
  if (scan.fault !== null) tally.gaps.push({ what, found: scan.fault });
  // A store that was lost is taken up from its checkpoint: what was written in the last moments before is not known any more.
  if (lost) return;
  const missing = told.filter(
    ({ session, frame }) => !shown[session]?.some(([from, to]) => from <= frame && frame < to),
  );
  if (missing.length > 0)
    tally.torn.push({ what, found: `${missing.length} of ${told.length} told frames are missing` });
}

/** Turns one bit over in one file of the database. */
async function flipOneByte(profile: string, chance: Chance): Promise<void> {
  const folder = join(profile, 'Default', 'IndexedDB');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: { readonly path: string; readonly bytes: Buffer }[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (bytes.length > 0) files.push({ path, bytes });
  }
  // By size: a byte anywhere in the database is as likely as any other.
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  let place = Math.floor(chance() * total);
  for (const { path, bytes } of files) {
    if (place >= bytes.length) {
      place -= bytes.length;
      continue;
    }
    bytes[place] = (bytes[place] ?? 0) ^ (1 << Math.floor(chance() * 8));
    await writeFile(path, bytes);
    return;
  }
  throw new Error('the profile has no database');
}
