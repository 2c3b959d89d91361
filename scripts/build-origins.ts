// Builds both origins with Vite into a staging folder, adds the terminal's service worker, and puts them in place of the old ones only
// when all of it worked. Called by build.mjs with the pinned Node. It must never leave a half-built origin in dist/.
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { generateSW } from 'workbox-build';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const staging = join(dist, `staging-${process.pid}`);

/** Enough for the shell (document, scripts, styles, fonts, icons); a file above it would be a mistake in what is precached. */
const LARGEST_PRECACHED_BYTES = 1024 * 1024;

/** One origin into the staging folder. */
async function buildOrigin(mode: 'terminal' | 'module'): Promise<void> {
  await build({
    configFile: join(root, 'vite.config.ts'),
    mode,
    logLevel: 'warn',
    build: { outDir: join(staging, mode), emptyOutDir: true },
  });
}

/**
 * The terminal's service worker: it answers with the shell when there is no network and touches nothing else. One self-contained file,
 * because `importScripts` is closed by Trusted Types. A new one waits until the page tells it to take over (`SKIP_WAITING`).
 */
async function buildServiceWorker(): Promise<void> {
  const terminal = join(staging, 'terminal');
  const { warnings } = await generateSW({
    globDirectory: terminal,
    globPatterns: ['**/*.{html,js,css,woff2,svg,png,webmanifest}'],
    swDest: join(terminal, 'sw.js'),
    mode: 'production',
    sourcemap: false,
    inlineWorkboxRuntime: true,
    skipWaiting: false,
    clientsClaim: false,
    cleanupOutdatedCaches: true,
    navigateFallback: '/index.html',
    navigateFallbackDenylist: [/^\/(api|content|admin)(\/|$)/],
    maximumFileSizeToCacheInBytes: LARGEST_PRECACHED_BYTES,
    // Names under assets/ carry a hash of their content.
    dontCacheBustURLsMatching: /^assets\//,
    manifestTransforms: [revisePages],
  });
  if (warnings.length > 0) throw new Error(`The service worker cannot be made as asked: ${warnings.join(' ')}`);
}

/**
 * The server writes the module's origin into the document and into sw.js when it serves them. With the origin in its revision, a document
 * that was precached for another module origin is fetched again.
 */
function revisePages<Entry extends { url: string; revision: string | null }>(manifest: Entry[]): { manifest: Entry[] } {
  return {
    manifest: manifest.map((entry) =>
      entry.url.endsWith('.html') ? { ...entry, revision: `${entry.revision ?? ''}-%FAREBOX_MODULE_ORIGIN%` } : entry,
    ),
  };
}

await rm(staging, { recursive: true, force: true });
await mkdir(staging, { recursive: true });
try {
  await buildOrigin('terminal');
  await buildOrigin('module');
  await buildServiceWorker();
  for (const origin of ['terminal', 'module']) {
    await rm(join(dist, origin), { recursive: true, force: true });
    await rename(join(staging, origin), join(dist, origin));
  }
} finally {
  await rm(staging, { recursive: true, force: true });
}
