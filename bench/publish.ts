// `publish`: how fast a 720p film with sound becomes two rungs and sound, sealed and stored, on the processors there are; and how much
// memory publishing a file of one gibibyte takes. Each publishing runs in a process of its own.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { atLeast, atMost, type Bench, type BenchFigure, type BenchOptions, figureOf } from './figure.ts';
import { writeFilm, writeLargeFile } from './publish-input.ts';

const run = promisify(execFile);

const FILM_SECONDS = 24;
const LARGE_BYTES = 2 ** 30;
const MEGABYTE = 1_000_000;
/** A publishing that takes longer has hung. */
const CHILD_TIMEOUT_MS = 300_000;

const answerSchema = z.strictObject({
  elapsedMs: z.number().positive(),
  durationMs: z.number().positive(),
  rungs: z.number().int().positive(),
  peakBytes: z.number().positive(),
});

/** The bench. */
export const publishBench: Bench = {
  about: 'media seconds published per second, and memory for a file of a gibibyte',
  run: benchPublish,
};

/** Measures both. Throws where a publishing fails. */
export async function benchPublish({ runs, say }: BenchOptions): Promise<readonly BenchFigure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'farebox-bench-'));
  try {
    const film = join(folder, 'film.mp4');
    say(`writing ${FILM_SECONDS} s of 720p`);
    await writeFilm(film, FILM_SECONDS);
    const speeds: number[] = [];
    for (let round = 0; round < (runs ?? 3); round++) {
      const { elapsedMs, durationMs, rungs } = await publish(film, join(folder, 'data'));
      if (rungs !== 2) throw new Error(`expected two rungs, got ${rungs}`);
      speeds.push(durationMs / elapsedMs);
      say(`published at ${(durationMs / elapsedMs).toFixed(2)} media seconds a second`);
    }
    await rm(film);

    const large = join(folder, 'large.mp4');
    const seconds = await writeLargeFile(large, LARGE_BYTES);
    say(`wrote ${(await stat(large)).size} bytes, ${seconds} s of 720p`);
    const { peakBytes, elapsedMs } = await publish(large, join(folder, 'data'));
    say(`published them in ${(elapsedMs / 1000).toFixed(1)} s`);
    return [
      figureOf({ name: 'publish/speed', unit: 'media s/s', rounds: speeds, goal: atLeast(1.5) }),
      figureOf({ name: 'publish/memory', unit: 'MB', rounds: [peakBytes / MEGABYTE], goal: atMost(500) }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function publish(file: string, dataDir: string): Promise<z.infer<typeof answerSchema>> {
  const child = join(import.meta.dirname, 'publish-child.ts');
  const { stdout } = await run(process.execPath, [child, file, dataDir], { timeout: CHILD_TIMEOUT_MS });
  await rm(dataDir, { recursive: true, force: true });
  return answerSchema.parse(JSON.parse(stdout));
}
