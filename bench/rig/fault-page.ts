// Opens the fault page (bench/faults) in a real Chromium with a profile on disk: one page for a whole run, or a fresh one on an origin of its own each
// time. Used by the fault runs.
import { join } from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { withBrowser } from './browser.ts';
import { withServedPage } from './page-server.ts';

/** Where the fault page's sources are. */
export const FAULT_PAGE_FOLDER = join(import.meta.dirname, '..', 'faults');

/** Runs `use` with the page, ready to be asked. */
export function withFaultPage<T>(use: (page: Page) => Promise<T>): Promise<T> {
  return withServedPage(FAULT_PAGE_FOLDER, (origin) =>
    withBrowser(async (context) => use(await openFaultPage(context, origin))),
  );
}

/** Runs something with a page of its own, on an origin of its own: nothing is stored there, and nobody else writes there. */
export type InFreshPage = <T>(use: (page: Page) => Promise<T>) => Promise<T>;

/** Runs `use` with the means to open one page after the other. What one leaves behind, stored or running, the next cannot meet. */
export function withFreshFaultPages<T>(use: (inFreshPage: InFreshPage) => Promise<T>): Promise<T> {
  let opened = 0;
  return withServedPage(FAULT_PAGE_FOLDER, (origin) =>
    withBrowser((context) =>
      use(async (inPage) => {
        opened += 1;
        // Every name under localhost is this machine, and an origin with storage, locks and channels that no other has.
        const page = await openFaultPage(context, origin.replace('localhost', `page-${opened}.localhost`));
        try {
          return await inPage(page);
        } finally {
          await page.close();
        }
      }),
    ),
  );
}

async function openFaultPage(context: BrowserContext, origin: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  await page.waitForFunction(() => 'faults' in window);
  return page;
}
