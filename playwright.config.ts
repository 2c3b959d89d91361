// The tests in real Chromium: which files, which browser, where reports go. The provider is started by a fixture of each test
// (e2e/provider.ts) on free ports with a folder of its own, so that nothing is shared and nothing has to be running.
import { defineConfig } from '@playwright/test';
import { chromiumFlags, requireChromium } from './scripts/chromium.mjs';
import { findNginx } from './scripts/nginx.mjs';

export default defineConfig({
  testDir: 'e2e',
  // It puts a real cache before the provider, where there is one to be had (scripts/nginx.mjs).
  testIgnore: findNginx() === null ? ['fan-out.spec.ts'] : [],
  globalSetup: './e2e/rig/global-setup.ts',
  outputDir: 'test-results/playwright',
  workers: 4,
  fullyParallel: false,
  projects: [
    // Media is decoded in software: with more than two at once the processor is full, it takes as long, and tests measure the machine.
    { name: 'product', testIgnore: '**/surface-*.spec.ts', workers: 2 },
    // No media and hardly any work: these wait for the half second that a surface takes before a press counts.
    { name: 'surface', testMatch: '**/surface-*.spec.ts', workers: 2, fullyParallel: true },
  ],
  forbidOnly: true,
  // A test that passes only now and then is a failure.
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/playwright.json' }]],
  use: {
    browserName: 'chromium',
    headless: true,
    launchOptions: { executablePath: requireChromium(), args: chromiumFlags() },
    // A trace films every page: a third of the time of a run, for the one that fails. Ask for it when that happens.
    trace: process.env.FAREBOX_TRACE === undefined ? 'off' : 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
});
