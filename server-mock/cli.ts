// `npm run farebox -- COMMAND …`: finds the command and says what came of it. Exit codes: 0 done, 1 refused or failed,
// 2 arguments that do not fit, 130 interrupted. With `--json` standard output is one JSON document, whatever happens.

import { ERROR_WORDS } from '../src/protocol/error-words.ts';
import { ERRORS, FareboxError } from '../src/protocol/errors.ts';
import { boardCreateCommand, boardLinkCommand } from './cli/board.ts';
import { claimsListCommand } from './cli/claims-list.ts';
import { claimsShowCommand } from './cli/claims-show.ts';
import { type CliCommand, type CliIo, UsageError } from './cli/command.ts';
import { keysAgreementsCommand, keysPolicyCommand, keysRuleCommand } from './cli/keys-agree.ts';
import { keysCardsCommand, keysCardsRemoveCommand } from './cli/keys-cards.ts';
import { keysAddAppCommand, keysAddSetCommand, keysAddUnitsCommand } from './cli/keys-change.ts';
import { keysCustomizeCommand } from './cli/keys-customize.ts';
import { keysDeskCommand } from './cli/keys-desk.ts';
import { keysAppsCommand, keysSetsCommand, keysShowCommand } from './cli/keys-list.ts';
import { keysRenewCommand, keysRetireCommand } from './cli/keys-retire.ts';
import { listCommand } from './cli/list.ts';
import { liveCommand } from './cli/live.ts';
import { modulesListCommand } from './cli/modules-list.ts';
import { modulesShowCommand } from './cli/modules-show.ts';
import { modulesDistrustCommand, modulesTrustCommand } from './cli/modules-trust.ts';
import { publishCommand } from './cli/publish.ts';
import { receiptsVerifyCommand } from './cli/receipts-verify.ts';
import { removeCommand } from './cli/remove.ts';
import { ConfigError } from './config.ts';

const COMMANDS: readonly CliCommand[] = [
  publishCommand,
  liveCommand,
  boardCreateCommand,
  boardLinkCommand,
  listCommand,
  removeCommand,
  receiptsVerifyCommand,
  modulesListCommand,
  modulesShowCommand,
  modulesDistrustCommand,
  modulesTrustCommand,
  claimsListCommand,
  claimsShowCommand,
  keysSetsCommand,
  keysAppsCommand,
  keysShowCommand,
  keysAddSetCommand,
  keysAddUnitsCommand,
  keysAddAppCommand,
  keysCustomizeCommand,
  keysDeskCommand,
  keysPolicyCommand,
  keysRuleCommand,
  keysAgreementsCommand,
  keysRetireCommand,
  keysRenewCommand,
  // The longer name before the shorter one that it begins with.
  keysCardsRemoveCommand,
  keysCardsCommand,
];

/** Runs one command line. @returns the exit code. */
export async function runCli(argv: readonly string[], io: Omit<CliIo, 'json'>): Promise<number> {
  const json = argv.includes('--json');
  const words = argv.filter((word) => word !== '--json');
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word, at) => words[at] === word));
  if (command === undefined) {
    const asked = words.length === 0 || words[0] === '--help' || words[0] === '-h';
    for (const line of overview()) (asked ? io.out : io.err)(line);
    return asked ? 0 : 2;
  }
  const args = words.slice(command.name.split(' ').length);
  if (args.includes('--help') || args.includes('-h')) {
    io.out(`${command.summary}\nUsage: ${command.usage}`);
    return 0;
  }
  try {
    return await command.run(args, { ...io, json });
  } catch (cause) {
    return explain(cause, command, { ...io, json });
  }
}

function overview(): string[] {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return ['Usage: farebox COMMAND [--json] [--help]', ...lines];
}

function explain(cause: unknown, command: CliCommand, io: CliIo): number {
  if (cause instanceof UsageError) {
    if (io.json) io.out(JSON.stringify({ error: { code: 'usage', message: cause.message } }));
    io.err(`${cause.message}\nUsage: ${command.usage}`);
    return 2;
  }
  if (cause instanceof ConfigError) {
    if (io.json) io.out(JSON.stringify({ error: { code: 'setting', message: cause.message } }));
    io.err(`Setting ${cause.message}`);
    return 1;
  }
  if (!(cause instanceof FareboxError)) throw cause;
  const { retry } = ERRORS[cause.code];
  const words = ERROR_WORDS[cause.code];
  const message = `${words.message} ${words.next}`;
  const { file, line, reason } = cause.detail ?? {};
  const place = typeof file === 'string' && typeof line === 'number' ? { file, line, reason: `${reason ?? ''}` } : null;
  if (io.json) io.out(JSON.stringify({ error: { code: cause.code, message, retry, ...place } }));
  io.err(`${message} [${cause.code}]`);
  if (place !== null) io.err(`${place.file}:${place.line}: ${place.reason}`);
  return io.signal.aborted ? 130 : 1;
}

if (import.meta.main) {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort());
  process.exitCode = await runCli(process.argv.slice(2), {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    signal: stopping.signal,
  });
}
