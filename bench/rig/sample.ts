// A provider with the sample programme, for the benches that watch it: a fresh folder in which the provider makes the sample itself, as at
// a person's first start. Made once for all benches of a run, removed at its end; FAREBOX_BENCH_DATA names a folder to keep and use again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type RunningProvider, startTestProvider } from '../../e2e/rig/provider.ts';
import { build } from '../../scripts/build.mjs';
import { type ClearProgramme, openClearProgramme } from './peers/clear-rungs.ts';

/** What a bench gets. */
export type Sample = { readonly provider: RunningProvider; readonly title: string };

const catalogueSchema = z.object({ programmes: z.array(z.object({ title: z.string() })).min(1) });

const KEPT_FOLDER = process.env.FAREBOX_BENCH_DATA;

let dataDir: Promise<string> | null = null;
let clear: Promise<ClearProgramme> | null = null;

function sampleFolder(): Promise<string> {
  dataDir ??= KEPT_FOLDER === undefined ? mkdtemp(join(tmpdir(), 'farebox-sample-')) : Promise.resolve(KEPT_FOLDER);
  return dataDir;
}

/**
 * Runs `use` with a provider that serves the sample programme and the product as it is built from the sources now.
 * @param environment settings of the provider, over those of a bench
 */
export async function withSample<T>(
  use: (sample: Sample) => Promise<T>,
  environment: Readonly<Record<string, string>> = {},
): Promise<T> {
  await build();
  // A bench opens session after session: more credit than a person is given at the start.
  const provider = await startTestProvider(await sampleFolder(), {
    FAREBOX_STARTING_CREDIT: '100000000',
    ...environment,
  });
  try {
    const answer = await fetch(`${provider.terminalOrigin}/api/v1/catalogue`);
    const [first] = catalogueSchema.parse(await answer.json()).programmes;
    if (first === undefined) throw new Error('the provider offers no programme');
    return await use({ provider, title: first.title });
  } finally {
    await provider.stop();
  }
}

/** The sample's rungs before they were sealed, for what the peers play. While this runs, no provider may have the folder. */
export function clearSample(): Promise<ClearProgramme> {
  clear ??= withSample(async ({ title }) => title).then(async (title) =>
    openClearProgramme(await sampleFolder(), title),
  );
  return clear;
}

/** Removes what was made; the run is over. */
export async function removeSample(): Promise<void> {
  if (dataDir !== null && KEPT_FOLDER === undefined) await rm(await dataDir, { recursive: true, force: true });
}
