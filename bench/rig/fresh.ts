// A page that has nothing of a programme: a tab whose browser cache was emptied before its document came, with the times of the newest click
// and of the newest letting go of a control noted in it. Used by the benches that time a person's wait, for the product and for its peers alike.
import { setTimeout as rest } from 'node:timers/promises';
import type { BrowserContext, Locator, Page } from '@playwright/test';

declare global {
  interface Window {
    /** When the newest click reached this document, on its own clock. */
    clickedAtMs?: number;
    /** When a control of it, a slider say, was let go. */
    letGoAtMs?: number;
  }
}

/** Runs `use` with a new tab and closes it. */
export async function withFreshPage<T>(context: BrowserContext, use: (page: Page) => Promise<T>): Promise<T> {
  const page = await context.newPage();
  try {
    const session = await context.newCDPSession(page);
    await session.send('Network.clearBrowserCache');
    await session.detach();
    await noteTimes(page);
    return await use(page);
  } finally {
    await page.close();
  }
}

/** Notes the times in every document that this page opens from now on. */
export function noteTimes(page: Page): Promise<unknown> {
  return page.addInitScript(() => {
    addEventListener('click', () => (window.clickedAtMs = performance.now()), { capture: true });
    for (const type of ['change', 'blur', 'pointerup'])
      addEventListener(type, () => (window.letGoAtMs = performance.now()), { capture: true });
  });
}

/** Clicks, after the pointer has rested there for so long; 0 for a click at once, with no rest at all. */
export async function pressAfter(control: Locator, restMs: number): Promise<void> {
  if (restMs > 0) {
    await control.hover();
    await rest(restMs);
  }
  await control.click();
}

/** When this document was clicked, milliseconds on its clock. */
export async function clickedAt(page: Page): Promise<number> {
  const clickedAtMs = await page.evaluate(() => window.clickedAtMs);
  if (clickedAtMs === undefined) throw new Error('the page was not clicked');
  return clickedAtMs;
}

/** When a control of this document was let go, milliseconds on its clock. */
export async function letGoAt(page: Page): Promise<number> {
  const letGoAtMs = await page.evaluate(() => window.letGoAtMs);
  if (letGoAtMs === undefined) throw new Error('no control was let go');
  return letGoAtMs;
}
