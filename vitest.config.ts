// Which tests Vitest runs: those that need no browser, beside the code they test. Tests in real Chromium are in e2e/ (playwright.config.ts).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,server-mock,scripts,bench}/**/*.test.{ts,tsx}'],
    environment: 'node',
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
  },
});
