// Opens the fault page (bench/faults) in a real Chromium with a profile on disk, and collects what went wrong in it.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { withBrowser } from './browser.ts';
import { withServedPage } from './page-server.ts';

/** Where the fault page's sources are. */
export const FAULT_PAGE_FOLDER = join(import.meta.dirname, '..', 'faults');

/** Runs `use` with the page, ready to be asked. */
export function withFaultPage<T>(use: (page: Page) => Promise<T>): Promise<T> {
  return withServedPage(FAULT_PAGE_FOLDER, (origin) =>
    withBrowser(async (context) => {
      const page = await context.newPage();
      await page.goto(`${origin}/`);
      await page.waitForFunction(() => 'faults' in window);
      return use(page);
    }),
  );
}
