// The units of a batch that failed, and why: a page of them for the screen, and all of them as files. Read from the answers each time.
// What stands in a cell was written by somebody else: a spreadsheet must not take it for a formula.

import { ERROR_WORDS } from '../../src/protocol/error-words.ts';
import { type FareboxErrorCode, isErrorCode } from '../../src/protocol/errors.ts';
import { answersIn, type FailedCommand, failureOf } from '../key-unit/batch-answers.ts';
import { SERVER_LIMITS } from '../limits.ts';

/** Why units failed, and how many. `why`: in words. */
export type Reason = { readonly error: string; readonly count: number; readonly why: string };

/** A page of failures. */
export type FailurePage = {
  /** Of all failures, most frequent first. */
  readonly reasons: readonly Reason[];
  /** Failures that fit what was asked for. */
  readonly total: number;
  /** Those of this page, in the order of the commands. */
  readonly failures: readonly FailedCommand[];
};

/** What a file of failures is written as. */
export const FAILURE_FORMATS = ['csv', 'json', 'commands'] as const;
/** One of them. `commands`: the commands that failed as they were, to be given to the desk again. */
export type FailureFormat = (typeof FAILURE_FORMATS)[number];

/** Why a unit failed, as its keeper says it; the table of errors speaks to whoever has the terminal in hand. */
const WHY: Partial<Record<FareboxErrorCode, string>> = {
  'keys/malformed': 'Not a command',
  'keys/unknown-unit': 'In no set',
  'keys/other-unit': 'In another set',
  'keys/no-such-key': 'The set has no such key',
};

/** A few words on a code. */
export function whyOf(error: string): string {
  if (!isErrorCode(error)) return 'Unknown';
  return WHY[error] ?? ERROR_WORDS[error].message;
}

/**
 * Failures from the `from`th on that have this reason, or any where it is null.
 * @throws FareboxError `keys/malformed` where the answers are none.
 */
export async function readFailures(answersFile: string, reason: string | null, from: number): Promise<FailurePage> {
  const counts = new Map<string, number>();
  const failures: FailedCommand[] = [];
  let total = 0;
  for await (const failure of failuresIn(answersFile, null)) {
    counts.set(failure.error, (counts.get(failure.error) ?? 0) + 1);
    if (reason !== null && failure.error !== reason) continue;
    total += 1;
    if (total > from && failures.length < SERVER_LIMITS.listedFailures) failures.push(failure);
  }
  const reasons = [...counts]
    .map(([error, count]) => ({ error, count, why: whyOf(error) }))
    .sort((one, other) => other.count - one.count);
  return { reasons, total, failures };
}

/** A file of the failures that have this reason, or all, piece by piece. @throws FareboxError `keys/malformed`. */
export async function* writeFailures(
  answersFile: string,
  reason: string | null,
  format: FailureFormat,
): AsyncGenerator<string> {
  if (format === 'commands') {
    for await (const answered of answersIn(answersFile)) {
      const failure = failureOf(answered);
      if (failure !== null && (reason === null || failure.error === reason)) yield `${answered.command}\n`;
    }
    return;
  }
  let isFirst = true;
  yield format === 'csv' ? csvLine(['line', 'unit', 'reference', 'error', 'why']) : '[';
  for await (const failure of failuresIn(answersFile, reason)) {
    const { line, unit, reference, error } = failure;
    if (format === 'csv') yield csvLine([String(line), unit, reference, error, whyOf(error)]);
    else yield `${isFirst ? '\n' : ',\n'}${JSON.stringify({ ...failure, why: whyOf(error) })}`;
    isFirst = false;
  }
  if (format === 'json') yield '\n]\n';
}

async function* failuresIn(answersFile: string, reason: string | null): AsyncGenerator<FailedCommand> {
  for await (const answered of answersIn(answersFile)) {
    const failure = failureOf(answered);
    if (failure !== null && (reason === null || failure.error === reason)) yield failure;
  }
}

/** A line of RFC 4180, every cell in quotes. */
function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${guardCell(cell).replaceAll('"', '""')}"`).join(',')}\r\n`;
}

/** Puts an apostrophe before what a spreadsheet would calculate: its beginning is one of = + - @, or blank before one. */
function guardCell(cell: string): string {
  return /^\s*[=+\-@]|^[\t\r\n]/.test(cell) ? `'${cell}` : cell;
}
