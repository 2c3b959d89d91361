// Which tests Vitest runs: those that need no browser, beside the code they test. Tests in real Chromium are in e2e/ (playwright.config.ts).
import { defineConfig } from 'vitest/config';

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
    projects: [
      {
        extends: true,
        // Loading the provider's libraries anew for each of its files took longer than most of its tests. These files leave nothing behind
        // in the modules they share; those of the other project replace globals (timers, the database, the window).
        test: { name: 'provider', include: ['{server-mock,src/protocol}/**/*.test.{ts,tsx}'], isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'module and terminal',
          include: ['{src,scripts,bench}/**/*.test.{ts,tsx}'],
          exclude: ['src/protocol/**'],
        },
      },
    ],
  },
});
