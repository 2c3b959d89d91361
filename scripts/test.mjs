// `npm test`: sets up, then runs every check in order of cost under one heading each, and ends with one summary line. It stops at the
// first stage that fails and still prints the counts. Leaves test-results/summary.txt for .ci/run. Runs on any Node from 20.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { build } from './build.mjs';
import { ensureChromium } from './chromium.mjs';
import { addCounts, playwrightCounts, vitestCounts } from './counts.mjs';
import { ensureNginx } from './nginx.mjs';
import { inProject, testResults } from './paths.mjs';
import { runPinned } from './run.mjs';
import { setup } from './setup.mjs';
import { runMain, Stop, say } from './tell.mjs';

const VITEST_REPORT = inProject('test-results', 'vitest.json');
const PLAYWRIGHT_REPORT = inProject('test-results', 'playwright.json');

/**
 * A stage resolves with its counts of tests, or with null where it only checks; it throws when it fails.
 * @typedef {{ heading: string, run: () => Promise<import('./counts.mjs').Counts | null> }} Stage
 * @type {readonly Stage[]}
 */
const STAGES = [
  {
    heading: 'Chromium',
    run: async () => {
      env.FAREBOX_CHROMIUM = await ensureChromium();
      say(`using ${env.FAREBOX_CHROMIUM}`);
      return null;
    },
  },
  {
    // One test has a real cache before the provider; the product itself needs none.
    heading: 'nginx',
    run: async () => {
      const nginx = await ensureNginx();
      if (nginx !== null) env.FAREBOX_NGINX = nginx;
      say(nginx === null ? 'none here and none to be had: the test with a cache is left out' : `using ${nginx}`);
      return null;
    },
  },
  {
    heading: 'Types',
    run: async () => {
      for (const realm of ['page', 'worker', 'node'])
        await check('node_modules/typescript/bin/tsc', ['-p', `tsconfig.${realm}.json`]);
      return null;
    },
  },
  { heading: 'Lint and format', run: () => check('node_modules/@biomejs/biome/bin/biome', ['check', '.']) },
  { heading: 'Import directions, file sizes, banned calls', run: () => check('scripts/check-source.ts', []) },
  {
    heading: 'Unit tests',
    run: () =>
      tests(
        'node_modules/vitest/vitest.mjs',
        ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_REPORT}`],
        () => vitestCounts(VITEST_REPORT),
      ),
  },
  {
    heading: 'Build',
    run: async () => {
      await build();
      return null;
    },
  },
  {
    heading: 'Tests in Chromium',
    run: () => tests('node_modules/@playwright/test/cli.js', ['test'], () => playwrightCounts(PLAYWRIGHT_REPORT)),
  },
];

/** A stage's tests failed; the counts go into the summary all the same. */
class TestsFailed extends Error {
  /** @param {import('./counts.mjs').Counts} counts */
  constructor(counts) {
    super('tests failed');
    this.counts = counts;
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
async function check(program, args) {
  if ((await runPinned(program, args)) !== 0) throw new Stop('the check failed; what it found is above.');
  return null;
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {() => import('./counts.mjs').Counts} readCounts
 */
async function tests(program, args, readCounts) {
  const code = await runPinned(program, args);
  const counts = readCounts();
  if (code === 0 && counts.failed === 0) return counts;
  // A runner that fails without a failed test (a crash, a leak it reports) is one failure.
  throw new TestsFailed(counts.failed === 0 ? addCounts(counts, { passed: 0, failed: 1 }) : counts);
}

await runMain(async () => {
  await setup();
  rmSync(testResults, { recursive: true, force: true });
  mkdirSync(testResults, { recursive: true });
  let total = { passed: 0, failed: 0 };
  let failedStage = null;
  for (const stage of STAGES) {
    const startedMs = Date.now();
    say(`\n== ${stage.heading}`);
    try {
      total = addCounts(total, (await stage.run()) ?? { passed: 0, failed: 0 });
    } catch (error) {
      failedStage = stage.heading;
      total = addCounts(total, error instanceof TestsFailed ? error.counts : { passed: 0, failed: 1 });
      if (!(error instanceof TestsFailed)) say(error instanceof Stop ? error.message : String(error));
      break;
    } finally {
      say(`   ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
    }
  }
  const summary = `${total.passed} passed, ${total.failed} failed`;
  writeFileSync(inProject('test-results', 'summary.txt'), `${summary}\n`);
  say(failedStage === null ? '\nEverything passed.' : `\nStopped at: ${failedStage}.`);
  say(summary);
  return failedStage === null ? 0 : 1;
});
