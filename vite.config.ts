// Builds the documents of Farebox, each for its own origin: `--mode terminal` from index.html into dist/terminal, `--mode embed` the pages of other
// players from src/app/embed into dist/terminal/embed, `--mode element` the element for other sites' pages, `--mode module` from src/worker-module/index.html into dist/module. Called by scripts/build-origins.ts, which may choose another outDir.
// It must never inline code or assets: both origins are served with a CSP that allows neither inline scripts nor data: scripts.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type UserConfig } from 'vite';

const root = import.meta.dirname;

type Chunking = { getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null };

/**
 * Puts all that a document needs at once into one script. By itself what later screens need as well is cut off, in a dozen scripts of a few hundred
 * bytes each, which weigh one and a half kilobytes more.
 */
function inOneScript(document: string): (id: string, chunking: Chunking) => string | null {
  const needed = new Set<string>();
  return (id, chunking) => {
    if (needed.size === 0) {
      const queue = [document];
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        if (needed.has(next)) continue;
        needed.add(next);
        queue.push(...(chunking.getModuleInfo(next)?.importedIds ?? []));
      }
    }
    return needed.has(id) ? 'index' : null;
  };
}

const embedFolder = resolve(root, 'src/app/embed');
/** Ways out of the module, each a page of another player with an entry of its name. */
const WAYS = ['hls', 'shaka', 'keys'];

/** The documents of the ways: one text, `way.html`, in which `%WAY%` is the name of the entry. */
function wayPages(): Plugin {
  const pages = new Map(WAYS.map((way) => [resolve(embedFolder, `${way}.html`), way]));
  return {
    name: 'farebox-way-pages',
    enforce: 'pre',
    resolveId: (id) => (pages.has(id) ? id : null),
    async load(id) {
      const way = pages.get(id);
      if (way === undefined) return null;
      const template = resolve(embedFolder, 'way.html');
      this.addWatchFile(template);
      return (await readFile(template, 'utf8')).replaceAll('%WAY%', way);
    },
  };
}

const shared = {
  base: '/',
  appType: 'mpa',
  clearScreen: false,
  build: {
    target: 'es2023',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // The polyfill is an inline script; every browser we run in preloads modules by itself.
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
  },
  // A worker and a worklet are module scripts of their own, so that each gets its CSP with its own response.
  worker: { format: 'es' },
} satisfies UserConfig;

const origins: Record<string, UserConfig> = {
  terminal: {
    ...shared,
    root,
    plugins: [react()],
    publicDir: resolve(root, 'public'),
    build: {
      ...shared.build,
      outDir: resolve(root, 'dist/terminal'),
      rolldownOptions: {
        output: {
          codeSplitting: { groups: [{ name: inOneScript(resolve(root, 'index.html')), debugName: 'first screen' }] },
        },
      },
    },
  },
  // Built apart, so that nothing of these players is in what the terminal loads, nor the terminal's scripts cut for their sake.
  embed: {
    ...shared,
    base: '/embed/',
    root: embedFolder,
    plugins: [wayPages(), react()],
    publicDir: false,
    build: {
      ...shared.build,
      outDir: resolve(root, 'dist/terminal/embed'),
      // hls.js and Shaka are each one piece, which is loaded by its own page alone.
      chunkSizeWarningLimit: 700,
      rolldownOptions: {
        input: [...WAYS, 'player'].map((page) => resolve(embedFolder, `${page}.html`)),
      },
    },
  },
  // One small file for pages of other sites, under a name that stays.
  element: {
    ...shared,
    root,
    publicDir: false,
    build: {
      ...shared.build,
      outDir: resolve(root, 'dist/terminal'),
      rolldownOptions: {
        input: resolve(root, 'src/player/element/remote-entry.ts'),
        output: { entryFileNames: 'farebox-video.js' },
      },
    },
  },
  module: {
    ...shared,
    root: resolve(root, 'src/worker-module'),
    publicDir: false,
    build: { ...shared.build, outDir: resolve(root, 'dist/module') },
  },
};

export default defineConfig(({ mode }) => {
  const origin = origins[mode];
  if (origin === undefined)
    throw new Error(`Choose an origin to build with --mode ${Object.keys(origins).join(' or ')}.`);
  return origin;
});
