// Reads how many tests passed and failed from the reports of Vitest and Playwright. Called by test.mjs.
// A test that did not run to a clean pass (skipped, to do, flaky, interrupted) counts as failed. Imports no package.
import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ readonly passed: number, readonly failed: number }} Counts */

/** A runner that left no report ran nothing. */
const NO_REPORT = { passed: 0, failed: 1 };

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
export function addCounts(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}

/**
 * @param {string} path of Vitest's JSON report
 * @returns {Counts}
 */
export function vitestCounts(path) {
  if (!existsSync(path)) return NO_REPORT;
  const report = JSON.parse(readFileSync(path, 'utf8'));
  // A file that cannot be loaded has no tests of its own; it is one failure.
  const brokenFiles = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: unknown[] }} */ file) =>
      file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return { passed: report.numPassedTests, failed: report.numTotalTests - report.numPassedTests + brokenFiles };
}

/**
 * @param {string} path of Playwright's JSON report
 * @returns {Counts}
 */
export function playwrightCounts(path) {
  if (!existsSync(path)) return NO_REPORT;
  const { stats, errors } = JSON.parse(readFileSync(path, 'utf8'));
  return { passed: stats.expected, failed: stats.unexpected + stats.skipped + stats.flaky + (errors?.length ?? 0) };
}
