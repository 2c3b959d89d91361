// Finds a Chromium that can run Farebox, or gets one: FAREBOX_CHROMIUM, then the system's, then the distribution's package, then
// Playwright's own download. Called by test.mjs, and by the Playwright configuration and the benches, which only look.
// Runs on any Node from 20 and imports no package.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { argv, env, getuid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { inProject } from './paths.mjs';
import { run, runPinned } from './run.mjs';
import { runMain, Stop, say } from './tell.mjs';

/** Ed25519 in WebCrypto came with 137; the module cannot do without. */
const OLDEST_CHROMIUM_MAJOR = 137;

const SYSTEM_NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

const NONE = `no Chromium ${OLDEST_CHROMIUM_MAJOR} or newer was found; install one, or name it: FAREBOX_CHROMIUM=/path/to/chromium.`;

/** Pages of the browser's own for an address bar that nobody sees: half the processor time of a start. */
const UNSEEN_PAGES = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'PreloadTopChromeWebUI'];

/** What Playwright turns off by the same switch, of which Chromium reads the last one alone: requests at the start, and what disturbs routes and pictures. */
const OFF_BY_PLAYWRIGHT = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];

/**
 * What a quiet Chromium is started with: nothing in the background that could disturb a measurement or leave the machine.
 * @returns {string[]}
 */
export function chromiumFlags() {
  const flags = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic',
    `--disable-features=${[...UNSEEN_PAGES, ...OFF_BY_PLAYWRIGHT].join()}`,
    '--autoplay-policy=no-user-gesture-required',
  ];
  // Chromium refuses to sandbox itself as root; for everyone else the sandbox stays on.
  return getuid?.() === 0 ? ['--no-sandbox', ...flags] : flags;
}

/**
 * The Chromium to use, without getting one.
 * @returns {string | null} its path
 */
export function findChromium() {
  if (env.FAREBOX_CHROMIUM !== undefined && env.FAREBOX_CHROMIUM !== '') {
    if (isUsable(env.FAREBOX_CHROMIUM)) return env.FAREBOX_CHROMIUM;
    throw new Stop(
      `FAREBOX_CHROMIUM is ${env.FAREBOX_CHROMIUM}, which is not a Chromium ${OLDEST_CHROMIUM_MAJOR} or newer.`,
    );
  }
  // One after the other: asking Playwright takes a process of its own.
  for (const paths of [onPath, macApplications, playwrightDownload]) {
    const found = paths().find(isUsable);
    if (found !== undefined) return found;
  }
  return null;
}

/** The Chromium to use, got first where there is none. Throws `Stop` when it cannot be had. */
export async function ensureChromium() {
  const found = findChromium();
  if (found !== null) return found;
  if (getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say('Installing Chromium with apt-get.');
    /** @type {Parameters<typeof run>[2]} */
    const options = { stdio: ['ignore', 2, 2], env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
    await run('apt-get', ['update', '-qq'], options);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
  }
  if (findChromium() === null) {
    say('Downloading Chromium with Playwright.');
    await runPinned(PLAYWRIGHT_CLI, ['install', 'chromium'], { stdio: ['ignore', 2, 2] });
  }
  const gained = findChromium();
  if (gained === null) throw new Stop(NONE);
  return gained;
}

/** The Chromium to use for a program that only looks. Throws `Stop` where there is none. */
export function requireChromium() {
  const found = findChromium();
  if (found === null) throw new Stop(NONE);
  return found;
}

const PLAYWRIGHT_CLI = inProject('node_modules', '@playwright', 'test', 'cli.js');

/**
 * True where the program starts and says that it is new enough. Some distributions have a `chromium-browser` that only tells
 * how to install one.
 * @param {string} path
 */
function isUsable(path) {
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  const major = /(?:Chromium|Chrome)\D* (\d+)\./.exec(stdout ?? '')?.[1];
  return status === 0 && major !== undefined && Number(major) >= OLDEST_CHROMIUM_MAJOR;
}

/** The system's, as full paths: Playwright takes no bare commands. */
function onPath() {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return SYSTEM_NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).filter((path) => existsSync(path));
}

function macApplications() {
  if (platform() !== 'darwin') return [];
  return ['Chromium', 'Google Chrome']
    .flatMap((name) =>
      ['/Applications', join(homedir(), 'Applications')].map(
        (folder) => `${folder}/${name}.app/Contents/MacOS/${name}`,
      ),
    )
    .filter((path) => existsSync(path));
}

/** Where Playwright says its own Chromium is or would be. */
function playwrightDownload() {
  if (!existsSync(PLAYWRIGHT_CLI)) return [];
  const { stdout } = spawnSync(
    process.execPath,
    ['-e', "console.log(require('playwright-core').chromium.executablePath())"],
    { cwd: inProject(), encoding: 'utf8' },
  );
  const path = (stdout ?? '').trim();
  return path !== '' && existsSync(path) ? [path] : [];
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    process.stdout.write(`${await ensureChromium()}\n`);
    return 0;
  });
}
