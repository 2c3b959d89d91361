// Which tests Vitest runs: those that need no browser, beside the code they test. Tests in real Chromium are in e2e/ (playwright.config.ts).
import { globSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { defineConfig } from 'vitest/config';

const PROVIDER = '{server-mock,src/protocol}/**/*.test.{ts,tsx}';
const OTHERS = '{src,scripts,bench}/**/*.test.{ts,tsx}';

/** What replaces modules, globals or timers, which the next file in the same worker would meet. */
const REPLACES =
  /\bvi\.(?:mock|doMock|hoisted|stubGlobal|stubEnv|useFakeTimers)\b|fake-indexeddb\/auto|\bglobalThis\.\w+ = /;

/** The files that cannot share a worker with others: read off them, so that none is forgotten. */
const alone = globSync(OTHERS, { cwd: import.meta.dirname, exclude: ['src/protocol/**'] })
  .filter((path) => REPLACES.test(readFileSync(new URL(path, import.meta.url), 'utf8')))
  .map((path) => path.replaceAll('\\', '/'));

// Test files open and close many PGlite databases. V8 throws away code of WebAssembly that it has compiled better meanwhile, and with several threads of one
// process now and then loses count of it and ends the process (nodejs/node#64500). The flag is the whole process's: every worker has it.
setFlagsFromString('--no-wasm-code-gc');

export default defineConfig({
  test: {
    environment: 'node',
    // A place for the database that tests start from, for as long as the run lasts.
    globalSetup: './server-mock/testing/template-folder.ts',
    // Threads start in half the time of processes; two are what the smallest machine that runs this has.
    pool: 'threads',
    maxWorkers: 2,
    // A forgotten `.only` would silently drop every other test of its file.
    allowOnly: false,
    // Many tests open a new PGlite folder: seconds on a free machine, half a minute on a busy one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Property tests repeat themselves; a retry would hide a seed that fails.
    retry: 0,
    // Loading the same libraries anew for each file takes longer than most tests. So the files share what they load, a worker for each side of
    // the product, and only those that replace some of it have a worker of their own.
    projects: [
      { extends: true, test: { name: 'provider', include: [PROVIDER], isolate: false } },
      {
        extends: true,
        test: {
          name: 'module and terminal',
          include: [OTHERS],
          exclude: ['src/protocol/**', ...alone],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
});
