// Builds both origins where their inputs have changed since the last build, and does nothing otherwise.
// Called by start.mjs, test.mjs and `npm run build`. Runs on any Node from 20; the build itself runs on the pinned one.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { inProject } from './paths.mjs';
import { runPinned } from './run.mjs';
import { setup } from './setup.mjs';
import { runMain, Stop, say } from './tell.mjs';

const INPUTS = ['index.html', 'package-lock.json', 'public', 'scripts/build-origins.ts', 'src', 'vite.config.ts'];
const STAMP = inProject('dist', 'stamp.txt');

/** Resolves when dist/terminal and dist/module belong to the sources as they are now. */
export async function build() {
  const stamp = stampOf(INPUTS);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return;
  say('Building the terminal and the module.');
  if ((await runPinned('scripts/build-origins.ts', [], { stdio: ['ignore', 2, 2] })) !== 0) {
    throw new Stop('the build failed; its first error is above.');
  }
  writeFileSync(STAMP, stamp);
}

/**
 * One hash over names and contents, so that a moved, changed or removed file is noticed.
 * @param {readonly string[]} inputs
 */
function stampOf(inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const path of filesOf(inProject(input))) {
      const content = readFileSync(path);
      hash.update(`${path}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

/**
 * Files that end up in a build, sorted; tests and vectors do not.
 * @param {string} path
 * @returns {string[]}
 */
function filesOf(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile() && !/\.test\.tsx?$|[\\/]vectors[\\/]/.test(file))
    .sort();
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await setup();
    await build();
    return 0;
  });
}
