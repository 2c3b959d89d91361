// How much JavaScript a person fetches before the first screen, by origin: what Chromium asks for until the catalogue is shown, and for
// the module what its frame, worker and sound need. Counted as gzip -9, which is never smaller than the brotli that is sent.
import { gzipSync } from 'node:zlib';
import type { Page, Response } from '@playwright/test';
import { atMost, type Bench, type BenchFigure, figureOf } from './figure.ts';
import { withBrowser } from './rig/browser.ts';
import { withSample } from './rig/sample.ts';

const TERMINAL_GOAL_KB = 120;
const MODULE_GOAL_KB = 220;
const BYTES_PER_KB = 1000;

export const weightBench: Bench = {
  about: 'JavaScript before the first screen, gzip -9',
  run: () =>
    withSample(({ provider, title }) =>
      withBrowser(async (context): Promise<readonly BenchFigure[]> => {
        const page = await context.newPage();
        const scripts = new Map<string, Promise<Buffer>>();
        context.on('response', (response: Response): void => {
          const url = response.url();
          if (new URL(url).pathname.endsWith('.js') && response.ok()) scripts.set(url, response.body());
        });
        await noteFirstScreen(page);
        await page.goto(provider.terminalOrigin);
        await page.getByRole('link', { name: title }).first().waitFor();
        const asked = new Set(await scriptsBeforeFirstScreen(page));
        // Worker and worklet are fetched by the module's document; asking for what it names finds them however far it has come.
        const ofModule = await scriptsOf(`${provider.moduleOrigin}/`);
        const ofTerminal = [...scripts].filter(([url]) => asked.has(url));
        if (ofTerminal.length === 0) throw new Error('the terminal asked for no script');
        return [
          figureOf({
            name: 'weight/terminal',
            unit: 'kB',
            rounds: [kilobytes(await Promise.all(ofTerminal.map(([, body]) => body)))],
            goal: atMost(TERMINAL_GOAL_KB),
          }),
          figureOf({ name: 'weight/module', unit: 'kB', rounds: [kilobytes(ofModule)], goal: atMost(MODULE_GOAL_KB) }),
        ];
      }),
    ),
};

declare global {
  interface Window {
    /** When the first programme stood in the document, milliseconds of its own clock. */
    firstScreenMs?: number;
  }
}

/** Notes the moment in the document itself: what it fetches when the first screen is done is another matter, however late we look. */
async function noteFirstScreen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (document.querySelector('main a[href^="/watch/"]') === null) return;
      window.firstScreenMs = performance.now();
      observer.disconnect();
    });
    observer.observe(document, { childList: true, subtree: true });
  });
}

function scriptsBeforeFirstScreen(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { firstScreenMs } = window;
    if (firstScreenMs === undefined) throw new Error('no programme was seen to come');
    const fetched = performance.getEntriesByType('resource').filter(({ startTime }) => startTime <= firstScreenMs);
    return fetched.map(({ name }) => name).filter((name) => new URL(name).pathname.endsWith('.js'));
  });
}

/** Every script that a document names, and every script that those name, once. */
async function scriptsOf(documentUrl: string): Promise<Buffer[]> {
  const bodies = new Map<string, Buffer>();
  const queue = namedIn(await (await fetch(documentUrl)).text(), documentUrl);
  for (let url = queue.pop(); url !== undefined; url = queue.pop()) {
    if (bodies.has(url)) continue;
    const body = Buffer.from(await (await fetch(url)).arrayBuffer());
    bodies.set(url, body);
    queue.push(...namedIn(body.toString('utf8'), url));
  }
  return [...bodies.values()];
}

/** Addresses of scripts as the build writes them: `/assets/name-hash.js` or `./name-hash.js`. */
function namedIn(text: string, base: string): string[] {
  return [...text.matchAll(/["'`]((?:\/assets|\.)\/[\w.-]+-[\w-]{8}\.js)["'`]/g)].map(
    ([, path = '']) => new URL(path, base).href,
  );
}

function kilobytes(bodies: readonly Buffer[]): number {
  return bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).byteLength, 0) / BYTES_PER_KB;
}
