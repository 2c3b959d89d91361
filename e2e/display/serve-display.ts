// Builds the display's test page with Vite and serves it on a free port of this machine. Called by display.spec.ts.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build } from 'vite';
import type { CodedPart } from '../../src/worker-module/frame/testing/clip-manifest.ts';
import { makeClip } from './make-clip.ts';

const pageFolder = join(import.meta.dirname, '../../src/worker-module/frame/testing');
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** The running page: where it is, the clip to hand to it, and how to end it. */
export type ServedDisplay = { readonly url: string; readonly clip: readonly CodedPart[]; close(): Promise<void> };

/** Makes a clip of `slotCount` slots, and builds and serves the page. */
export async function serveDisplay(slotCount: number): Promise<ServedDisplay> {
  const folder = await mkdtemp(join(tmpdir(), 'farebox-display-'));
  await build({
    root: pageFolder,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      outDir: folder,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      target: 'es2023',
      rollupOptions: { input: join(pageFolder, 'display-page.html') },
    },
  });
  const parts = await makeClip(slotCount);
  const clip: CodedPart[] = parts.map((part) => ({
    ...part,
    init: Buffer.from(part.init).toString('base64url'),
    segments: part.segments.map((segment) => Buffer.from(segment).toString('base64url')),
  }));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    readFile(join(folder, pathname)).then(
      (file) => response.writeHead(200, { 'Content-Type': TYPES[extname(pathname)] ?? 'text/plain' }).end(file),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/display-page.html`,
    clip,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}
