// Terminals behind one ordinary HTTP cache (nginx): what one asks for, the provider is not asked for again. The bench `fan-out` counts
// the same for a hundred. Left out where no nginx can be had (playwright.config.ts).
import { rm } from 'node:fs/promises';
import type { Browser } from '@playwright/test';
import { type Cache, startCache } from './rig/cache.ts';
import { hearModule, waitForEvent } from './rig/module-events.ts';
import { SHORT } from './rig/programmes.ts';
import { startTestProvider } from './rig/provider.ts';
import { watch } from './rig/terminal.ts';
import { copyOfPublished, expect, test } from './rig/test.ts';

/** A person with a browser of their own, whose cache is nobody else's: from the catalogue to the end of the programme. */
async function watchToTheEnd(browser: Browser, cache: Cache): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await hearModule(page);
  await watch(page, cache.origin, SHORT.title);
  await waitForEvent(page, 'display', ({ state }) => state === 'ended');
  await context.close();
}

test('BT-10: terminals behind one cache watch a programme for which the provider is asked once', async ({
  browser,
}) => {
  const cache = await startCache();
  const provider = await startTestProvider(await copyOfPublished(), { FAREBOX_TERMINAL_ORIGIN: cache.origin });
  try {
    await cache.aimAt(Number(new URL(provider.terminalOrigin).port));
    // One after the other, so that a slow machine decodes one at a time; the bench has a hundred at once.
    await watchToTheEnd(browser, cache);
    await watchToTheEnd(browser, cache);
    const all = (await cache.answered()).filter(({ path }) => path.startsWith('/content/'));
    const asked = all.filter((request) => request.asked).map(({ path }) => path);
    expect(all.filter(({ status }) => status !== 200)).toEqual([]);
    expect(all).toHaveLength(2 * asked.length);
    // Manifest, posters, and a picture and a sound part for each of the three frames: each once.
    expect(asked.length).toBeGreaterThanOrEqual(8);
    expect(asked).toHaveLength(new Set(asked).size);
  } finally {
    await provider.stop();
    await cache.stop();
    await rm(provider.dataDir, { recursive: true, force: true });
  }
});
