// Opens the bench's page (bench/page) in Chromium, built as the product is built, so that what is measured runs where it runs for a person.
// Used by the benches of keys, record and decryption.
import { join } from 'node:path';
import type { Measurement } from '../page/messages.ts';
import { withBrowser } from './browser.ts';
import { withServedPage } from './page-server.ts';

/** The bench's own page. */
export const PAGE_FOLDER = join(import.meta.dirname, '..', 'page');

/** Takes one measurement in the page; the values are in the unit said with its kind. */
export type Measure = (measurement: Measurement) => Promise<readonly number[]>;

/** Runs `use` with a page that is ready to measure. */
export function withBenchPage<T>(use: (measure: Measure) => Promise<T>): Promise<T> {
  return withServedPage(PAGE_FOLDER, (origin) =>
    withBrowser(async (context) => {
      const page = await context.newPage();
      await page.goto(`${origin}/`);
      await page.waitForFunction(() => 'measure' in window);
      return use((measurement) => page.evaluate((asked) => window.measure(asked), measurement));
    }),
  );
}
