// How the module's surface looks and reads: every kind at the size of a phone, of a desktop and of a small frame, in both themes, without
// anything that an accessibility checker finds. The pictures are kept for people to look at.

import type { FrameLocator, Page } from '@playwright/test';
import axe from 'axe-core';
import { ask, openHost, QUESTIONS } from './surface/questions.ts';
import type { ServedSurface } from './surface/serve-surface.ts';
import { expect, test } from './surface/test.ts';

const SIZES = { phone: [390, 844], desktop: [1440, 900], frame: [640, 360], least: [280, 160] } as const;
const THEMES = ['light', 'dark'] as const;
/** Where the checker looks: colours are the theme's and the order of things is the same at every size, so two sizes and both themes are all of it. */
const CHECKED = ['light phone', 'light desktop', 'dark desktop'];

let served: ServedSurface;

test.beforeAll(({ surface }) => {
  served = surface;
});

/** What a checker finds wrong in the module's document. The script is put there past its policy, which a page cannot do. */
async function findings(page: Page): Promise<string[]> {
  const frame = page.frames().find((one) => one !== page.mainFrame());
  if (frame === undefined) throw new Error('there is no frame of the module');
  // Once a document: it stands through all the questions.
  if (!(await frame.evaluate(() => 'axe' in window))) await frame.evaluate(axe.source);
  return frame.evaluate(async () => {
    const checker: unknown = Reflect.get(window, 'axe');
    if (typeof checker !== 'object' || checker === null || !('run' in checker) || typeof checker.run !== 'function')
      throw new Error('the checker is not there');
    const { violations, passes } = await checker.run();
    if (passes.length < 10) throw new Error('the checker looked at nothing');
    return violations.map(
      (violation: { id: string; nodes: { html: string }[] }) =>
        `${violation.id}: ${violation.nodes.map(({ html }) => html).join(' ')}`,
    );
  });
}

/** Nothing that is read or pressed is cut off sideways, and the buttons are inside the window. */
async function expectFits(module: FrameLocator): Promise<void> {
  const overflowing = await module.locator('dialog *').evaluateAll((all) =>
    all.flatMap((each) => {
      const box = each.getBoundingClientRect();
      const hidden = each.closest('.unseen') !== null || box.width === 0;
      return !hidden && (box.left < -0.5 || box.right > innerWidth + 0.5) ? [each.outerHTML.slice(0, 80)] : [];
    }),
  );
  expect(overflowing).toEqual([]);
  // All at once: a button that is only there until everything was read may go at any moment.
  const outside = (): Promise<number> =>
    module.locator('.buttons button:not([hidden])').evaluateAll(
      (all) =>
        all.filter((each) => {
          const { top, left, bottom, right } = each.getBoundingClientRect();
          return Math.min(top, left, innerHeight - bottom, innerWidth - right) < -0.5;
        }).length,
    );
  await expect.poll(outside).toBe(0);
}

for (const theme of THEMES) {
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    test(`the surface holds every question on a ${theme} ${size}`, async ({ page }, info) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      const module = await openHost(page, served.url);
      for (const [kind, question] of Object.entries(QUESTIONS)) {
        await ask(page, question);
        await expect(module.getByRole('dialog')).toBeVisible();
        await module.locator('html').evaluate(() => document.fonts.ready.then(() => undefined));
        await expect(module.locator('dialog')).toHaveAttribute('data-hindrance', /none|unread/);
        await expectFits(module);
        await page.screenshot({ path: info.outputPath(`${kind}.png`) });
        if (CHECKED.includes(`${theme} ${size}`)) expect(await findings(page), kind).toEqual([]);
      }
    });
  }
}

test('the fonts of the surface are the module’s own and arrive', async ({ page }) => {
  const failed: string[] = [];
  page.on('requestfailed', (request) => failed.push(request.url()));
  page.on('console', (message) => {
    if (message.type() === 'error') failed.push(`${message.text()} ${message.location().url}`);
  });
  const module = await openHost(page, served.url);
  await ask(page, QUESTIONS.approve);
  await expect(module.getByRole('dialog')).toBeVisible();
  await expect
    .poll(() =>
      module
        .locator('html')
        .evaluate(() =>
          [...document.fonts]
            .filter(({ status }) => status === 'loaded')
            .map(({ family, weight }) => `${family} ${weight}`),
        ),
    )
    .toEqual(expect.arrayContaining([expect.stringContaining('Sans'), expect.stringContaining('Mono')]));
  expect(failed).toEqual([]);
});

test('a person who wants less motion sees none', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const module = await openHost(page, served.url);
  await ask(page, QUESTIONS.approve);
  await expect(module.getByRole('dialog')).toBeVisible();
  expect(await module.locator('html').evaluate(() => document.getAnimations().length)).toBe(0);
});
