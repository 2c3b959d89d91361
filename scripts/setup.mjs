// Makes a fresh clone ready: checks Node, installs the locked dependencies where they are missing or changed, and sees that the
// pinned Node is there. Called first by every npm script; `node scripts/setup.mjs` does just this.
// Runs on any Node from 20. It must never import a package: nothing is installed yet when it runs.
import { existsSync, readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { inProject, pinnedNode } from './paths.mjs';
import { run, runQuietly } from './run.mjs';
import { runMain, Stop, say } from './tell.mjs';

const OLDEST_NODE_MAJOR = 20;
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const INSTALL_FAILED = 'Is the package registry reachable from here? Then run the same command again.';

/** Resolves when dependencies and the pinned Node are in place; throws `Stop` with the reason when they cannot be. */
export async function setup() {
  const [major] = process.versions.node.split('.');
  if (Number(major) < OLDEST_NODE_MAJOR) {
    throw new Stop(`Node ${process.versions.node} is too old; install Node ${OLDEST_NODE_MAJOR} or newer.`);
  }
  const reason = whyInstall();
  if (reason !== null) {
    say(`Installing dependencies (${reason}); this takes a minute or two.`);
    await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'installing the dependencies failed.');
  }
  if (!existsSync(pinnedNode)) {
    // `npm ci --ignore-scripts` (or an ignore-scripts setting) leaves it out: fetching it is that package's install script.
    say('Fetching the pinned Node.');
    await npm(['rebuild', 'node', '--ignore-scripts=false'], 'fetching the pinned Node failed.');
    if (!existsSync(pinnedNode)) throw new Stop(`the pinned Node is not at ${pinnedNode} after installing it.`);
  }
}

/**
 * npm's own progress goes to standard error with ours.
 * @param {readonly string[]} args
 * @param {string} failure
 */
async function npm(args, failure) {
  if ((await runQuietly(NPM, ['--version'])).code !== 0) throw new Stop('npm was not found; it comes with Node.');
  const code = await run(NPM, args, { stdio: ['ignore', 2, 2] });
  if (code !== 0) throw new Stop(`${failure} ${INSTALL_FAILED}`);
}

/**
 * Compares what the lock file asks for with what npm notes it has installed.
 * @returns {string | null} null when nothing has to be done
 */
function whyInstall() {
  const installedPath = inProject('node_modules', '.package-lock.json');
  if (!existsSync(installedPath)) return 'none installed yet';
  const wanted = readPackages(inProject('package-lock.json'));
  const installed = readPackages(installedPath);
  for (const [path, entry] of Object.entries(wanted)) {
    // The first entry is the project itself; optional packages are for other machines.
    if (path === '' || entry.optional === true) continue;
    if (installed[path]?.version !== entry.version) return 'package-lock.json has changed';
  }
  return null;
}

/**
 * @param {string} path
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await setup();
    say('Ready.');
    return 0;
  });
}
