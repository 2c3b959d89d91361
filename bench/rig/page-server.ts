// Builds one of the bench's pages as the product is built and serves it, isolated, on one port for as long as it is used: a browser that is
// killed and started again finds the same origin, and so its own storage. Used by bench-page.ts and by the fault runs.
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { build } from 'vite';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html'],
  ['.js', 'text/javascript'],
  ['.css', 'text/css'],
]);

/** Runs `use` with the origin that serves the page in `sourceFolder`; built once, gone at the end. */
export async function withServedPage<T>(sourceFolder: string, use: (origin: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'farebox-bench-page-'));
  try {
    await build({
      configFile: false,
      root: sourceFolder,
      logLevel: 'warn',
      worker: { format: 'es' },
      build: { outDir: folder, emptyOutDir: true, target: 'es2023', modulePreload: { polyfill: false } },
    });
    const server = serve(folder);
    await once(server, 'listening');
    try {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('the bench page is served on no port');
      return await use(`http://localhost:${address.port}`);
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
          // Isolated, the page's clocks tick in 5 µs instead of 100, and workers can be held still.
          'Cross-Origin-Opener-Policy': 'same-origin',
          'Cross-Origin-Embedder-Policy': 'require-corp',
        });
        response.end(body);
      },
      () => response.writeHead(404).end(),
    );
  }).listen(0, '127.0.0.1');
}
