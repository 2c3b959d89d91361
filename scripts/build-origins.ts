// Builds both origins with Vite into a staging folder, adds the service worker of each, and puts them in place of the old ones only
// when all of it worked. Called by build.mjs with the pinned Node. It must never leave a half-built origin in dist/.
import { appendFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { type GenerateSWOptions, generateSW, type ManifestTransform } from 'workbox-build';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const staging = join(dist, `staging-${process.pid}`);

/** Enough for the shell (document, scripts, styles, fonts, icons); a file above it would be a mistake in what is precached. */
const LARGEST_PRECACHED_BYTES = 1024 * 1024;

/** The documents of one mode into a folder of the staging folder. */
async function buildOrigin(mode: 'terminal' | 'embed' | 'element' | 'module', folder: string): Promise<void> {
  await build({
    configFile: join(root, 'vite.config.ts'),
    mode,
    logLevel: 'warn',
    // The element comes to lie beside the terminal.
    build: { outDir: join(staging, folder), emptyOutDir: mode !== 'element' },
  });
}

/** Both service workers: one self-contained file, because `importScripts` is closed by Trusted Types. A new one waits until it is told to take over (`SKIP_WAITING`). */
const REPLAYING = {
  mode: 'production',
  sourcemap: false,
  inlineWorkboxRuntime: true,
  skipWaiting: false,
  clientsClaim: false,
  cleanupOutdatedCaches: true,
  maximumFileSizeToCacheInBytes: LARGEST_PRECACHED_BYTES,
  // Names under assets/ carry a hash of their content.
  dontCacheBustURLsMatching: /^assets\//,
} satisfies Partial<GenerateSWOptions>;

/**
 * What the terminal's never answers goes past it, where the browser lets a service worker say so: woken and asked for every piece of a film, it
 * took as long as the server. The routes of workbox stay as they are, for browsers that ask it all the same.
 */
const PAST_IT = `self.addEventListener('install', (event) => {
  if (!('addRoutes' in event)) return;
  const past = ['/content/*', '/api/*'].map((pathname) => ({ condition: { urlPattern: new URLPattern({ pathname }) }, source: 'network' }));
  event.waitUntil(event.addRoutes(past).catch(() => undefined));
});
`;

/** The terminal's: it answers with the shell when there is no network and touches nothing else. */
async function buildTerminalServiceWorker(): Promise<void> {
  const terminal = join(staging, 'terminal');
  await makeServiceWorker({
    ...REPLAYING,
    globDirectory: terminal,
    globPatterns: ['**/*.{html,js,css,woff2,svg,png,webmanifest}'],
    // The pages of other players are for a line, and their players are heavy: whoever opens one fetches it. The element is for other sites.
    globIgnores: ['embed/**', 'farebox-video.js'],
    swDest: join(terminal, 'sw.js'),
    navigateFallback: '/index.html',
    navigateFallbackDenylist: [/^\/(api|content|admin|embed)(\/|$)/],
    manifestTransforms: [reviseBy('%FAREBOX_MODULE_ORIGIN%')],
  });
  await appendFile(join(terminal, 'sw.js'), `\n${PAST_IT}`);
}

/** The module's: it replays exactly the files of the build, each with the headers it came with, and touches nothing else. */
async function buildModuleServiceWorker(): Promise<void> {
  const module = join(staging, 'module');
  await makeServiceWorker({
    ...REPLAYING,
    globDirectory: module,
    globPatterns: ['**/*.{html,js,css,woff2}'],
    swDest: join(module, 'sw.js'),
    manifestTransforms: [reviseBy('%FAREBOX_TERMINAL_ORIGIN%-%FAREBOX_AGENCY_KEY%-%FAREBOX_EMBEDDERS%')],
  });
}

async function makeServiceWorker(options: GenerateSWOptions): Promise<void> {
  const { warnings } = await generateSW(options);
  if (warnings.length > 0) throw new Error(`A service worker cannot be made as asked: ${warnings.join(' ')}`);
}

/**
 * The server writes the values of its deployment into the document and into sw.js when it serves them. With them in its revision, a document
 * that was precached for another deployment is fetched again.
 */
function reviseBy(placeholders: string): ManifestTransform {
  return (manifest) => ({
    manifest: manifest.map((entry) =>
      entry.url.endsWith('.html') ? { ...entry, revision: `${entry.revision ?? ''}-${placeholders}` } : entry,
    ),
  });
}

await rm(staging, { recursive: true, force: true });
await mkdir(staging, { recursive: true });
try {
  await buildOrigin('terminal', 'terminal');
  await buildOrigin('embed', join('terminal', 'embed'));
  await buildOrigin('element', 'terminal');
  await buildOrigin('module', 'module');
  await buildTerminalServiceWorker();
  await buildModuleServiceWorker();
  for (const origin of ['terminal', 'module']) {
    await rm(join(dist, origin), { recursive: true, force: true });
    await rename(join(staging, origin), join(dist, origin));
  }
} finally {
  await rm(staging, { recursive: true, force: true });
}
