// The test function of every spec: one provider per Playwright worker over a copy of the published programmes, and for each test a
// Chromium with a profile of its own on disk, so that what is durable there is durable as it is for a person.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, test as base, chromium, type Page } from '@playwright/test';
import { chromiumFlags, requireChromium } from '../../scripts/chromium.mjs';
import { hearModule } from './module-events.ts';
import { PUBLISHED_FOLDER_VARIABLE } from './programmes.ts';
import { type RunningProvider, startTestProvider } from './provider.ts';

/** A person's browser: it can be closed and opened again with the same profile. */
export type Person = {
  /** A new tab that hears the module; opens nothing yet. */
  newTab(): Promise<Page>;
  /** Closes the browser in order and opens it anew with the same profile. */
  reopen(): Promise<void>;
  /** Of the browser that is open now. */
  context(): BrowserContext;
};

export { expect } from '@playwright/test';

/** A folder of its own, as it was after publishing. */
export async function copyOfPublished(): Promise<string> {
  const published = process.env[PUBLISHED_FOLDER_VARIABLE];
  if (published === undefined)
    throw new Error('no programmes were published: run the specs through playwright.config.ts');
  const dataDir = await mkdtemp(join(tmpdir(), 'farebox-provider-'));
  await cp(published, dataDir, { recursive: true });
  return dataDir;
}

export const test = base.extend<{ person: Person }, { provider: RunningProvider }>({
  provider: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern.
    async ({}, use) => {
      const provider = await startTestProvider(await copyOfPublished());
      await use(provider);
      await provider.stop();
      await rm(provider.dataDir, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  person: async ({ provider, viewport, colorScheme }, use) => {
    const profile = await mkdtemp(join(tmpdir(), 'farebox-profile-'));
    const open = (): Promise<BrowserContext> =>
      chromium.launchPersistentContext(profile, {
        executablePath: requireChromium(),
        args: chromiumFlags(),
        baseURL: provider.terminalOrigin,
        acceptDownloads: true,
        viewport,
        ...(colorScheme == null ? {} : { colorScheme }),
      });
    let context = await open();
    await use({
      async newTab() {
        const page = await context.newPage();
        await hearModule(page);
        return page;
      },
      async reopen() {
        await context.close();
        context = await open();
      },
      context: () => context,
    });
    await context.close();
    await rm(profile, { recursive: true, force: true });
  },
});
