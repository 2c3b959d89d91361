// A server that has taken the terminal's place: it serves the attacker's page without any policy on the origin that the module believes
// to be its terminal. Used by hostile-page.spec.ts; the provider beside it is the real one.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Taken over</title>
<script type="module" src="/attacks.ts"></script></head><body><output></output></body></html>`;

/** Sees every request of the pages it controls and answers each as the network would. */
const SERVICE_WORKER = `const seen = [];
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  if (new URL(event.request.url).pathname === '/seen') {
    event.respondWith(new Response(JSON.stringify(seen), { headers: { 'Content-Type': 'application/json' } }));
  } else {
    seen.push(event.request.url);
  }
});`;

/** A server of the attacker. */
export type HostileTerminal = { readonly origin: string; close(): void };

/** Listens on a free port of localhost. */
export async function startHostileTerminal(): Promise<HostileTerminal> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    answer(pathname, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the hostile terminal listens on no port');
  return {
    origin: `http://localhost:${address.port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(pathname: string, response: ServerResponse): Promise<void> {
  if (pathname === '/') response.writeHead(200, { 'Content-Type': 'text/html' }).end(PAGE);
  else if (pathname === '/service-worker.js')
    response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(SERVICE_WORKER);
  else if (/^\/[\w-]+\.ts$/.test(pathname)) {
    const source = await readFile(join(import.meta.dirname, pathname), 'utf8');
    response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(stripTypeScriptTypes(source));
  } else response.writeHead(404).end();
}
