// The test function of the surface specs: the module's frame, built once per Playwright worker and served to all its specs. Each test opens
// a page of its own on it, so that nothing but files is shared.
import { test as base } from '@playwright/test';
import { type ServedSurface, serveSurface } from './serve-surface.ts';

export { expect } from '@playwright/test';

export const test = base.extend<object, { surface: ServedSurface }>({
  surface: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern.
    async ({}, use) => {
      const surface = await serveSurface();
      await use(surface);
      await surface.close();
    },
    { scope: 'worker' },
  ],
});
