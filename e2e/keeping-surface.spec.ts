// The terminal's page while the module asks: the module's frame is the whole window with nothing of the page above it, the page behind lies still, and
// afterwards everything is where it was. On a wide and on a narrow window; what the surface itself does is tried in surface*.spec.ts.
import type { Page } from '@playwright/test';
import { answer, question } from './rig/surface.ts';
import { expect, test } from './rig/test.ts';

/** How the module's frame stands in the window, by the page's own measures. */
function standing(page: Page) {
  return page.evaluate(() => {
    const frame = document.querySelector('iframe');
    if (frame === null) throw new Error('the page has no frame of the module');
    const { x, y, width, height } = frame.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const points = [0.02, 0.5, 0.98].flatMap((across) => [0.02, 0.5, 0.98].map((down) => [across, down] as const));
    return {
      fillsWindow: x === 0 && y === 0 && width === clientWidth && height === clientHeight,
      nothingAbove: points.every(
        ([across, down]) => document.elementFromPoint(across * clientWidth, down * clientHeight) === frame,
      ),
      hasFocus: document.activeElement === frame,
      pageLiesStill:
        document.querySelector('main')?.closest('[inert]') !== null &&
        document.querySelector('nav')?.closest('[inert]') !== null,
    };
  });
}

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
]) {
  test.describe(`in a window of ${viewport.width} × ${viewport.height}`, () => {
    test.use({ viewport });

    test('CARD-3: a question of the module is the whole window, and leaves no trace when it is answered', async ({
      person,
      provider,
    }) => {
      const page = await person.newTab();
      await page.goto(`${provider.terminalOrigin}/module`);
      const button = page.getByRole('button', { name: 'Lock with a passphrase' });
      await button.click();
      await question(page, 'Lock this module with a passphrase?');
      expect(await standing(page)).toEqual({
        fillsWindow: true,
        nothingAbove: true,
        hasFocus: true,
        pageLiesStill: true,
      });
      await answer(page, 'Not now');
      await expect(page.getByText('You did not agree')).toBeVisible();
      expect(await standing(page)).toMatchObject({ nothingAbove: false, hasFocus: false, pageLiesStill: false });
      await expect(page.getByRole('button', { name: 'Lock with a passphrase' })).toBeEnabled();
    });
  });
}
