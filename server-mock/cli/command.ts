// The shape of one command of `npm run farebox`: what every file in this folder exports and cli.ts dispatches to.
// A command reads its own arguments, writes only through `io`, and never ends the process itself.

/** Where a command writes and what it was asked for on every command alike. */
export type CliIo = {
  /** One line for standard output: results. */
  readonly out: (line: string) => void;
  /** One line for standard error: progress and errors. */
  readonly err: (line: string) => void;
  /** True where `--json` was given: `out` then gets exactly one JSON document. */
  readonly json: boolean;
  /** Aborted at SIGINT or SIGTERM; a command leaves nothing half done and answers 130. */
  readonly signal: AbortSignal;
};

/** One command. `run` gets the arguments after the command's name, without `--json`; it answers the exit code. */
export type CliCommand = {
  /** As typed: `publish`, `list`, `remove`, `receipts verify`, `modules show`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Lines after `Usage:`; shown by `--help` and after a usage error. */
  readonly usage: string;
  /**
   * Runs to the end.
   * @returns 0 done; 1 refused or failed, said in one line on `err`.
   * @throws UsageError for arguments that do not fit (exit 2); FareboxError for a coded failure (exit 1).
   */
  readonly run: (args: readonly string[], io: CliIo) => Promise<number>;
};

/** Arguments that do not fit the command; the person sees the message and the usage, exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
