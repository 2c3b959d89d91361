// How long a person waits: from the click on a programme in the catalogue to its first picture on the screen, with the provider on the
// same machine. Each round is a new document and a new session; nothing of the programme is in the browser's cache.
import { heardWithTimes, hearModule, waitForEvent } from '../e2e/rig/module-events.ts';
import { openCatalogue, stopAndSettle } from '../e2e/rig/terminal.ts';
import { atMost, type Bench, figureOf } from './figure.ts';
import { withBrowser } from './rig/browser.ts';
import { withSample } from './rig/sample.ts';

const ROUNDS = 10;
const GOAL_MS = 600;

declare global {
  interface Window {
    /** When the newest click reached this document, on its own clock. */
    clickedAtMs?: number;
  }
}

export const firstPictureBench: Bench = {
  about: 'click to first picture, local server',
  run: ({ runs, say }) =>
    withSample(({ provider, title }) =>
      withBrowser(async (context) => {
        const rounds: number[] = [];
        for (let round = 0; round < (runs ?? ROUNDS); round += 1) {
          const page = await context.newPage();
          await hearModule(page);
          await page.addInitScript(() => {
            addEventListener('click', () => (window.clickedAtMs = performance.now()), { capture: true });
          });
          const card = await openCatalogue(page, provider.terminalOrigin, title);
          await card.click();
          await waitForEvent(page, 'picture');
          const [first] = await heardWithTimes(page, 'picture');
          const clickedAtMs = await page.evaluate(() => window.clickedAtMs);
          if (first === undefined || clickedAtMs === undefined) throw new Error('no click or no picture was seen');
          rounds.push(first.atMs - clickedAtMs);
          say(`round ${round + 1}: ${Math.round(first.atMs - clickedAtMs)} ms`);
          await stopAndSettle(page);
          await page.close();
        }
        return [figureOf({ name: 'first-picture', unit: 'ms', rounds, goal: atMost(GOAL_MS) })];
      }),
    ),
};
