// `farebox keys add set|units|app`: what the key unit has. A key itself is neither an argument nor an answer: the key unit draws it and
// keeps it. What it stops giving out is in keys-retire.ts.

import { readFile } from 'node:fs/promises';
import { FareboxError } from '../../src/protocol/errors.ts';
import { KEY_KINDS } from '../../src/protocol/key-unit/application-key.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, UsageError } from './command.ts';
import { readCount, readKeyName, withKeys } from './keys-arguments.ts';

const UNIT = /^[0-9a-f]{32}$/;

/** Makes a set with its transport key. */
export const keysAddSetCommand: CliCommand = {
  name: 'keys add set',
  summary: 'Makes a set of units with a transport key of its own',
  usage: [
    'farebox keys add set NAME [--open N] [--json]',
    `  --open  how many modules it takes in by itself, at most ${SERVER_LIMITS.openSetUnits}; when it is full, the next one is made like it`,
  ].join('\n'),
  run: async (args, io) => {
    const read = readArguments({ args, positionals: ['NAME'], options: { open: { type: 'string' } } });
    const name = readKeyName('NAME', read.positionals[0]);
    const open = read.values.open === undefined ? null : readCount('--open', read.values.open);
    if (open !== null && open > SERVER_LIMITS.openSetUnits)
      throw new UsageError(`--open is at most ${SERVER_LIMITS.openSetUnits}`);
    const set = await withKeys((keys) => keys.addSet(name, open));
    io.out(io.json ? JSON.stringify({ set }) : `Set ${name} is there, transport key ${set.transportCheck}.`);
    return 0;
  },
};

/** Takes units into a set. */
export const keysAddUnitsCommand: CliCommand = {
  name: 'keys add units',
  summary: 'Takes units into a set',
  usage: [
    'farebox keys add units SET --units FILE [--json]',
    '  FILE  module ids, 32 hex digits each, one a line; those that are in the set already are passed over, those of a retired set come from there',
  ].join('\n'),
  run: async (args, io) => {
    const read = readArguments({ args, positionals: ['SET'], options: { units: { type: 'string' } } });
    const set = readKeyName('SET', read.positionals[0]);
    const units = await readUnits(read.values.units);
    const added = await withKeys(async (keys) => {
      let sum = 0;
      for (let at = 0; at < units.length; at += SERVER_LIMITS.keyCommands) {
        sum += await keys.addUnits(set, units.slice(at, at + SERVER_LIMITS.keyCommands));
      }
      return sum;
    });
    io.out(
      io.json
        ? JSON.stringify({ set, units: units.length, added })
        : `${added} of ${units.length} units are new in ${set}.`,
    );
    return 0;
  },
};

async function readUnits(file: string | undefined): Promise<readonly string[]> {
  if (file === undefined) throw new UsageError('--units is missing');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FareboxError('publish/unreadable', { file }, { cause });
  });
  const lines = text.split('\n').map((line) => line.trim());
  const wrong = lines.findIndex((line) => line !== '' && !UNIT.test(line));
  if (wrong >= 0) throw new UsageError(`line ${wrong + 1} of ${file} is not a module id`);
  return lines.filter((line) => line !== '');
}

/** Makes an application key, or its next version. */
export const keysAddAppCommand: CliCommand = {
  name: 'keys add app',
  summary: 'Makes an application key of a set, or the next version of one',
  usage: [
    'farebox keys add app SET REFERENCE [--kind key|master|series] [--count N] [--json]',
    '  --kind   key (for one application) unless told; master, and series: what sign-in keys are derived from',
    `  --count  how many series numbers a series has, 1 to ${LIMITS.seriesNumbers}`,
  ].join('\n'),
  run: async (args, io) => {
    const options = { kind: { type: 'string', default: 'key' }, count: { type: 'string' } } as const;
    const { positionals, values } = readArguments({ args, positionals: ['SET', 'REFERENCE'], options });
    const set = readKeyName('SET', positionals[0]);
    const reference = readKeyName('REFERENCE', positionals[1]);
    const kind = KEY_KINDS.find((known) => known === values.kind);
    if (kind === undefined) throw new UsageError(`--kind is one of ${KEY_KINDS.join(', ')}`);
    if ((kind === 'series') !== (values.count !== undefined)) throw new UsageError('--count goes with --kind series');
    const count = values.count === undefined ? 0 : readCount('--count', values.count);
    if (count > LIMITS.seriesNumbers) throw new UsageError(`--count is at most ${LIMITS.seriesNumbers}`);
    const app = await withKeys((keys) => keys.addApp(set, { reference, kind, count }));
    io.out(
      io.json ? JSON.stringify({ app }) : `${set} has ${reference}/${app.version}, check value ${app.materialCheck}.`,
    );
    return 0;
  },
};
