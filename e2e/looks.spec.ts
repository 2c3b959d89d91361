// Each screen on a wide and on a narrow window, light and dark: no error in the console, nothing that axe finds, and a picture of it under
// test-results/screens for a person to look at.
import { join } from 'node:path';
import { testResults } from '../scripts/paths.mjs';
import { violations } from './rig/axe.ts';
import { programmeIdOf } from './rig/content.ts';
import { waitForEvent } from './rig/module-events.ts';
import { LONG } from './rig/programmes.ts';
import { press, stopAndSettle, watch } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

const WINDOWS = {
  wide: { width: 1440, height: 900 },
  narrow: { width: 390, height: 844 },
} as const;

for (const [name, viewport] of Object.entries(WINDOWS)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${name} window, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test('CARD-1: every screen is clean, readable by all, and fits', async ({ person, provider }) => {
        const page = await person.newTab();
        const complaints: string[] = [];
        page.on('console', (message) => {
          if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
        });
        page.on('pageerror', (error) => complaints.push(String(error)));

        const look = async (screen: string): Promise<void> => {
          await page.evaluate(() => document.fonts.ready.then(() => undefined));
          await page.screenshot({
            path: join(testResults, 'screens', `${screen}-${name}-${colorScheme}.png`),
            fullPage: true,
          });
          expect(await violations(page), screen).toEqual([]);
          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          );
          expect(overflow, `${screen} is wider than the window`).toBeLessThanOrEqual(0);
          // A heading that is there for all to see is what lies uppermost where it is: no notice is over it.
          const covered = await page.evaluate(() =>
            [...document.querySelectorAll('h1')]
              .map((heading) => ({ heading, place: heading.getBoundingClientRect() }))
              .filter(({ place }) => place.width > 1 && place.bottom < innerHeight)
              .filter(({ heading, place }) => {
                const uppermost = document.elementFromPoint(place.left + 4, (place.top + place.bottom) / 2);
                return !heading.contains(uppermost);
              })
              .map(({ heading }) => heading.textContent),
          );
          expect(covered, screen).toEqual([]);
        };

        await page.goto(`${provider.terminalOrigin}/receipts`);
        await expect(page.getByText('There is no receipt yet')).toBeVisible();
        await look('receipts-empty');
        await page.goto(provider.terminalOrigin);
        await expect(page.getByRole('link', { name: LONG.title })).toBeVisible();
        await look('catalogue');
        await watch(page, provider.terminalOrigin, LONG.title);
        await waitForEvent(page, 'frame', ({ frame }) => frame >= 1);
        await press(page, 'Pause');
        await look('watching');
        await stopAndSettle(page);
        await page.getByRole('link', { name: 'Open the receipt' }).click();
        await expect(page.getByText(/^(\d+) of \1 checks hold/)).toBeVisible();
        await look('receipt');
        await page.goto(`${provider.terminalOrigin}/receipts`);
        await expect(page.getByRole('link', { name: LONG.title })).toBeVisible();
        await look('receipts');
        await page.goto(`${provider.terminalOrigin}/downloads`);
        await expect(page.getByText('Nothing is kept')).toBeVisible();
        await look('downloads-empty');
        await page.goto(`${provider.terminalOrigin}/watch/${await programmeIdOf(provider, LONG.title)}`);
        await page.getByRole('button', { name: 'Keep for offline' }).click();
        await expect(page.getByRole('button', { name: 'Keep it' })).toBeVisible();
        await look('keep');
        await page.getByRole('button', { name: 'Keep it' }).click();
        await expect(page.getByText('On this device,')).toBeVisible();
        await page.goto(`${provider.terminalOrigin}/downloads`);
        await expect(page.getByRole('link', { name: 'Play' })).toBeVisible();
        await look('downloads');
        await page.goto(`${provider.terminalOrigin}/module`);
        await expect(page.getByText('Secure module', { exact: true })).toBeVisible();
        // Its keys have come by themselves while it watched.
        await expect(page.getByRole('button', { name: 'Choose a PIN for Wallet' })).toBeVisible();
        await look('module');
        await page.goto(`${provider.terminalOrigin}/nowhere`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await look('not-found');
        expect(complaints).toEqual([]);
      });
    });
  }
}
