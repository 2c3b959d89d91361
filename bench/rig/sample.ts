// A provider with the sample programme, for the benches that watch it: a fresh folder in which the provider makes the sample itself, as at
// a person's first start. Made once for all benches of a run, removed at its end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type RunningProvider, startTestProvider } from '../../e2e/rig/provider.ts';
import { build } from '../../scripts/build.mjs';

/** What a bench gets. */
export type Sample = { readonly provider: RunningProvider; readonly title: string };

const catalogueSchema = z.object({ programmes: z.array(z.object({ title: z.string() })).min(1) });

let dataDir: Promise<string> | null = null;

/** Runs `use` with a provider that serves the sample programme and the product as it is built from the sources now. */
export async function withSample<T>(use: (sample: Sample) => Promise<T>): Promise<T> {
  await build();
  dataDir ??= mkdtemp(join(tmpdir(), 'farebox-sample-'));
  // A bench opens session after session: more credit than a person is given at the start.
  const provider = await startTestProvider(await dataDir, { FAREBOX_STARTING_CREDIT: '100000000' });
  try {
    const answer = await fetch(`${provider.terminalOrigin}/api/v1/catalogue`);
    const [first] = catalogueSchema.parse(await answer.json()).programmes;
    if (first === undefined) throw new Error('the provider offers no programme');
    return await use({ provider, title: first.title });
  } finally {
    await provider.stop();
  }
}

/** Removes what was made; the run is over. */
export async function removeSample(): Promise<void> {
  if (dataDir !== null) await rm(await dataDir, { recursive: true, force: true });
}
