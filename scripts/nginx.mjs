// Finds the nginx that stands in front of the provider in one bench and one test, or gets one: FAREBOX_NGINX, then the system's, then the
// distribution's package. Called by test.mjs; the rest only looks. The product needs none. Runs on any Node from 20, imports no package.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { argv, env, getuid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';
import { runMain, Stop, say } from './tell.mjs';

/** Where distributions put it; not every person's PATH has these. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

const NONE = 'no nginx was found; install one, or name it: FAREBOX_NGINX=/path/to/nginx.';

/**
 * The nginx to use, without getting one.
 * @returns {string | null} its path
 */
export function findNginx() {
  if (env.FAREBOX_NGINX !== undefined && env.FAREBOX_NGINX !== '') {
    if (isUsable(env.FAREBOX_NGINX)) return env.FAREBOX_NGINX;
    throw new Stop(`FAREBOX_NGINX is ${env.FAREBOX_NGINX}, which is no nginx.`);
  }
  const folders = [...(env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path) && isUsable(path)) ?? null;
}

/**
 * The nginx to use, got first where there is none and it can be had without asking anybody.
 * @returns {Promise<string | null>} null where it cannot
 */
export async function ensureNginx() {
  const found = findNginx();
  if (found !== null || getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return found;
  say('Installing nginx with apt-get.');
  /** @type {Parameters<typeof run>[2]} */
  const options = { stdio: ['ignore', 2, 2], env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update', '-qq'], options);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'nginx-light'], options);
  return findNginx();
}

/** The nginx to use for a program that cannot do without. Throws `Stop` where there is none. */
export function requireNginx() {
  const found = findNginx();
  if (found === null) throw new Stop(NONE);
  return found;
}

/** @param {string} path */
function isUsable(path) {
  // It says its version on standard error.
  const { status, stderr } = spawnSync(path, ['-v'], { encoding: 'utf8', timeout: 20_000 });
  return status === 0 && /nginx/.test(stderr ?? '');
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    const found = await ensureNginx();
    if (found === null) throw new Stop(NONE);
    process.stdout.write(`${found}\n`);
    return 0;
  });
}
