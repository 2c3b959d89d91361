// Builds the module's frame as it is, with the test's worker in the place of its own, and serves it with the headers of the module's
// origin; and beside it, on another origin, the page that embeds it. Called by the surface specs.

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { build, type Plugin } from 'vite';
import { securityHeaders } from '../../server-mock/http/headers.ts';

const moduleFolder = join(import.meta.dirname, '../../src/worker-module');
const testWorker = join(moduleFolder, 'frame/testing/surface-worker.ts');

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>
<style>html,body{margin:0;height:100%;overflow:hidden}iframe{border:0;width:100%;height:100%;display:block}</style>
<script type="module" src="/host-page.ts"></script></head><body></body></html>`;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};

/** Where the two pages are, and how to end them. */
export type ServedSurface = { readonly url: string; readonly moduleOrigin: string; close(): Promise<void> };

/** Builds and serves both origins on free ports of localhost. */
export async function serveSurface(): Promise<ServedSurface> {
  const folder = await mkdtemp(join(tmpdir(), 'farebox-surface-'));
  await buildFrame(folder);
  const host = await listen((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/') response.writeHead(200, { 'Content-Type': 'text/html' }).end(PAGE);
    else if (pathname === '/host-page.ts')
      readFile(join(import.meta.dirname, 'host-page.ts'), 'utf8').then(
        (source) => response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(stripTypeScriptTypes(source)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    else response.writeHead(404).end();
  });
  // The module's headers name both origins, and its own port is known only once it listens.
  const late: { listener: RequestListener } = { listener: (_request, response) => response.writeHead(503).end() };
  const module = await listen((request, response) => late.listener(request, response));
  late.listener = serveModule(folder, { terminal: originOf(host), module: originOf(module) });
  return {
    url: `${originOf(host)}/?module=${encodeURIComponent(originOf(module))}`,
    moduleOrigin: originOf(module),
    async close() {
      for (const server of [host, module]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await rm(folder, { recursive: true });
    },
  };
}

/** The frame of the product with one thing exchanged: the address of its worker. */
async function buildFrame(folder: string): Promise<void> {
  const exchange: Plugin = {
    name: 'worker-of-the-test',
    enforce: 'pre',
    resolveId: (source) => (source === '../worker.ts?worker&url' ? `${testWorker}?worker&url` : null),
  };
  await build({
    root: moduleFolder,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [exchange],
    worker: { format: 'es' },
    build: {
      outDir: folder,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      target: 'es2023',
      modulePreload: { polyfill: false },
    },
  });
}

function serveModule(folder: string, origins: { readonly terminal: string; readonly module: string }): RequestListener {
  const app = new Hono();
  app.use('*', securityHeaders('module', origins));
  app.get('*', async (c) => {
    const pathname = c.req.path === '/' ? '/index.html' : c.req.path;
    const type = TYPES[extname(pathname)];
    if (type === undefined || pathname.includes('..')) return c.notFound();
    const path = join(folder, pathname);
    // There is no service worker here: the frame asks for one and does without.
    if (!existsSync(path)) return c.notFound();
    const file = await readFile(path);
    if (pathname !== '/index.html') return c.body(new Uint8Array(file), 200, { 'Content-Type': type });
    const document = file
      .toString('utf8')
      .replace('%FAREBOX_TERMINAL_ORIGIN%', origins.terminal)
      .replace('%FAREBOX_AGENCY_KEY%', Buffer.alloc(32, 7).toString('base64url'));
    return c.body(document, 200, { 'Content-Type': type });
  });
  const listener = getRequestListener(app.fetch);
  return (request, response) => {
    listener(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  };
}

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function originOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no port');
  return `http://localhost:${address.port}`;
}
