// `farebox keys customize SET --units FILE`: gives a whole set its application keys in one batch. What a batch is stands in
// key-unit/batch.ts; here are the arguments, the progress and the report.

import { type BatchReport, runBatch } from '../key-unit/batch.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, type CliIo, UsageError } from './command.ts';
import { readKeyName, withKeys } from './keys-arguments.ts';
import { layOutTable } from './table.ts';

/** Failures that a person is shown; all of them are in the answers, and in `--json`. */
const SHOWN_FAILURES = 50;

/** The command. */
export const keysCustomizeCommand: CliCommand = {
  name: 'keys customize',
  summary: 'Gives the units of a set their application keys',
  usage: [
    'farebox keys customize SET --units FILE [--out FILE] [--json]',
    '  --units  one command a line, as the units made them: {"unit":"32 hex digits","reference":"NAME","random":"32 hex digits"}',
    '  --out    the answers, one a line in the same order; FILE.out unless told',
    '  Cut or stopped, the same command goes on behind the last answer. Exit code 1 where a unit failed.',
  ].join('\n'),
  run: async (args, io) => {
    const options = { units: { type: 'string' }, out: { type: 'string' } } as const;
    const { positionals, values } = readArguments({ args, positionals: ['SET'], options });
    const set = readKeyName('SET', positionals[0]);
    const unitsFile = values.units;
    if (unitsFile === undefined) throw new UsageError('--units is missing');
    const answersFile = values.out ?? `${unitsFile}.out`;
    const report = await withKeys((keys) =>
      runBatch({
        unitsFile,
        answersFile,
        customize: (commands) => keys.customize(set, commands),
        progress: (answered, commands) => io.err(`${answered} of ${commands}`),
        signal: io.signal,
      }),
    );
    tell(report, answersFile, io);
    if (!report.finished) return 130;
    return report.failed.length === 0 ? 0 : 1;
  },
};

function tell(report: BatchReport, answersFile: string, io: CliIo): void {
  if (io.json) {
    io.out(JSON.stringify({ answersFile, ...report }));
    return;
  }
  const { commands, resumed, customized, failed, finished } = report;
  io.out(
    `${customized} of ${commands} commands were answered with a key${resumed === 0 ? '' : `, ${resumed} commands by an earlier run`}.`,
  );
  if (!finished) io.out('Stopped. The same command goes on from here.');
  io.out(`The answers are in ${answersFile}.`);
  if (failed.length === 0) return;
  const rows = failed
    .slice(0, SHOWN_FAILURES)
    .map(({ line, unit, reference, error }) => [String(line), unit, reference, error]);
  for (const row of layOutTable([['LINE', 'UNIT', 'KEY', 'WHY'], ...rows])) io.out(row);
  if (failed.length > SHOWN_FAILURES) io.out(`And ${failed.length - SHOWN_FAILURES} more; --json lists all.`);
}
