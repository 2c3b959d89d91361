// A kept programme as the player loads it: of the programme only what was kept is there to choose from, and that is asked anew each time.

import { expect, test } from 'vitest';
import { makeProgramme, PROGRAMME } from './offline/testing/kept-world.ts';
import { createProgrammeLoader } from './programme-loading.ts';

test('of a kept programme there is what was kept, and all of it again when it was let go of', async () => {
  const { manifestBytes, manifestHash } = makeProgramme(PROGRAMME);
  const { signal } = new AbortController();
  let labels: readonly string[] | null = null;
  const loader = createProgrammeLoader({
    provider: {
      programme: async () => ({
        programme: await signed(),
        manifest: manifestHash,
        providerCertificate: new Uint8Array(),
      }),
      content: async () => manifestBytes.slice().buffer,
      liveUpdate: () => Promise.reject(new Error('not live')),
    },
    kept: { labels: async () => labels },
    nowMs: () => 0,
    pause: async () => undefined,
    chance: () => 0,
  });
  const shown = async () => (await loader.load(PROGRAMME, signal)).manifest.parts.map(({ label }) => label);
  expect(await shown()).toHaveLength(5);
  labels = ['video/360p', 'audio/main', 'captions/en'];
  expect(await shown()).toEqual(labels);
  // The module is given the manifest as it was signed.
  expect((await loader.load(PROGRAMME, signal)).manifestBytes).toEqual(manifestBytes);
  labels = null;
  expect(await shown()).toHaveLength(5);
});

async function signed(): Promise<Uint8Array<ArrayBuffer>> {
  const { makeCast } = await import('../protocol/vectors/cast.ts');
  return Uint8Array.from((await makeCast()).programmeBytes);
}
