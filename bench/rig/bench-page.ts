// Builds the bench's page (bench/page) as the product is built, serves it on a free port and opens it in Chromium, so that what is measured
// runs where it runs for a person. Used by the benches of keys, record and decryption.
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { build } from 'vite';
import type { Measurement } from '../page/messages.ts';
import { withBrowser } from './browser.ts';

const PAGE_FOLDER = join(import.meta.dirname, '..', 'page');
const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html'],
  ['.js', 'text/javascript'],
  ['.css', 'text/css'],
]);

/** Takes one measurement in the page; the values are in the unit said with its kind. */
export type Measure = (measurement: Measurement) => Promise<readonly number[]>;

/** Runs `use` with a page that is ready to measure. */
export async function withBenchPage<T>(use: (measure: Measure) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'farebox-bench-page-'));
  try {
    await build({
      configFile: false,
      root: PAGE_FOLDER,
      logLevel: 'warn',
      worker: { format: 'es' },
      build: { outDir: folder, emptyOutDir: true, target: 'es2023', modulePreload: { polyfill: false } },
    });
    const server = serve(folder);
    await once(server, 'listening');
    try {
      return await withBrowser(async (context) => {
        const page = await context.newPage();
        const address = server.address();
        if (address === null || typeof address === 'string') throw new Error('the bench page is served on no port');
        await page.goto(`http://localhost:${address.port}/`);
        await page.waitForFunction(() => 'measure' in window);
        return use((measurement) => page.evaluate((asked) => window.measure(asked), measurement));
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function serve(folder: string): Server {
  return createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = join(folder, path === '/' ? 'index.html' : path);
    readFile(file).then(
      (body) => {
        response.writeHead(200, {
          'Content-Type': TYPES.get(extname(file)) ?? 'application/octet-stream',
          // Isolated, the page's clocks tick in 5 µs instead of 100.
          'Cross-Origin-Opener-Policy': 'same-origin',
          'Cross-Origin-Embedder-Policy': 'require-corp',
        });
        response.end(body);
      },
      () => response.writeHead(404).end(),
    );
  }).listen(0, '127.0.0.1');
}
