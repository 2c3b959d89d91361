// Serves the peers' pages and material with the provider's own HTTP stack: the same listener, the same content routes with the same cache
// headers, the same compressed static files. A licence for ClearKey is asked for over HTTP, as in life; so is the key of AES-128.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { build } from 'vite';
import { type ContentStore, openContentStore } from '../../../server-mock/content/store.ts';
import { contentRoutes } from '../../../server-mock/http/content-routes.ts';
import { openListener } from '../../../server-mock/http/listener.ts';
import { loadStaticSite, staticRoutes } from '../../../server-mock/http/static-site.ts';
import type { ClearProgramme } from './clear-rungs.ts';
import { makePeerMaterial, type PeerMaterial } from './material.ts';

const PAGES = join(import.meta.dirname, '..', '..', 'page', 'peers');

/** The peers by name. */
export const PEERS = ['hls.js with AES-128', 'Shaka Player with ClearKey'] as const;
export type PeerName = (typeof PEERS)[number];

/** Peers that can be opened. */
export type PeerServer = {
  readonly port: number;
  /**
   * Address of a peer's page.
   * @param options `origin` where it is reached through something else than its own port; `aheadSeconds` bounds what it fetches ahead,
   * where its own defaults would fetch the whole of a short programme
   */
  pageOf(peer: PeerName, options?: { readonly origin?: string; readonly aheadSeconds?: number }): string;
};

/** Makes the material of a programme, builds the pages, and runs `use` while both are served. */
export async function withPeers<T>(programme: ClearProgramme, use: (peers: PeerServer) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'farebox-peers-'));
  try {
    const content = await openContentStore(folder);
    const material = await makePeerMaterial(programme, content);
    const site = join(folder, 'site');
    await buildPages(site);
    const listener = await openListener('127.0.0.1', 0);
    try {
      listener.serve((await peerApp(site, content, material)).fetch);
      const paths: Readonly<Record<PeerName, string>> = {
        'hls.js with AES-128': `/hls.html?manifest=${material.hlsPath}`,
        'Shaka Player with ClearKey': `/shaka.html?manifest=${material.dashPath}`,
      };
      const own = `http://localhost:${listener.port}`;
      return await use({
        port: listener.port,
        pageOf: (peer, { origin = own, aheadSeconds } = {}) =>
          `${origin}${paths[peer]}${aheadSeconds === undefined ? '' : `&ahead=${aheadSeconds}`}`,
      });
    } finally {
      await listener.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A peer's requests name no delivery, so none is ever noted. */
const NOT_NOTED: Parameters<typeof contentRoutes>[0]['deliveries'] = Object.freeze({
  note: () => {
    throw new Error('a peer asked as a terminal does');
  },
  flush: () => Promise.resolve(),
});

async function peerApp(site: string, content: ContentStore, { licence }: PeerMaterial): Promise<Hono> {
  const app = new Hono();
  app.route('/content', contentRoutes({ content, clock: Date.now, deliveries: NOT_NOTED }));
  app.post('/licence', (c) =>
    c.body(licence, 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }),
  );
  app.route('/', staticRoutes(await loadStaticSite(site, {}), { singlePage: false }));
  return app;
}

async function buildPages(outDir: string): Promise<void> {
  await build({
    configFile: false,
    root: PAGES,
    logLevel: 'error',
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2_000,
      rollupOptions: { input: ['index.html', 'hls.html', 'shaka.html'].map((name) => join(PAGES, name)) },
    },
  });
}
