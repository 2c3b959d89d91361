// Reads a command's own arguments strictly: anything it does not know is a usage error, never ignored.

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.ts';

/** What a command expects. */
export type ExpectedArguments<Options extends ParseArgsOptionsConfig> = {
  readonly args: readonly string[];
  /** Names of the positional arguments. */
  readonly positionals: readonly string[];
  /** How many of the last ones may be left out; none unless told. */
  readonly optional?: number;
  readonly options: Options;
};

/** Positional arguments in order and option values. @throws UsageError naming what does not fit. */
export function readArguments<Options extends ParseArgsOptionsConfig>(expected: ExpectedArguments<Options>) {
  const parsed = parseStrictly(expected.args, expected.options);
  const missing = expected.positionals[parsed.positionals.length];
  const needed = expected.positionals.length - (expected.optional ?? 0);
  if (missing !== undefined && parsed.positionals.length < needed) throw new UsageError(`${missing} is missing`);
  const extra = parsed.positionals[expected.positionals.length];
  if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many`);
  return parsed;
}

function parseStrictly<Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : 'the arguments do not fit');
  }
}
