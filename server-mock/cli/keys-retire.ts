// `farebox keys retire` and `keys renew`: what stops, for a whole set or for one module, and new versions of everything. It stops at the
// provider in that moment, whether a module has heard of it or not.

import { LIMITS } from '../../src/protocol/limits.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, UsageError } from './command.ts';
import { readKeyName, readReference, readUnit, withKeys } from './keys-arguments.ts';

/** Retires keys, or derived keys. */
export const keysRetireCommand: CliCommand = {
  name: 'keys retire',
  summary: 'Stops a key, one number of a series, or all of a set, for good',
  usage: [
    'farebox keys retire SET [REFERENCE[/VERSION]] [--index N] [--unit MODULE] [--json]',
    '  without REFERENCE the whole set: no key of it is given out any more, and none can be added',
    '  --index  one number of a series, from 0: of its newest version unless VERSION says another; what is derived from it stops',
    '  --unit   for this module alone; its set goes on for the others',
  ].join('\n'),
  run: async (args, io) => {
    const options = { index: { type: 'string' }, unit: { type: 'string' } } as const;
    const { positionals, values } = readArguments({ args, positionals: ['SET', 'REFERENCE'], optional: 1, options });
    const set = readKeyName('SET', positionals[0]);
    const named = positionals[1] === undefined ? null : readReference(positionals[1]);
    const index = values.index === undefined ? null : readIndex(values.index);
    if (index !== null && named === null) throw new UsageError('--index goes with the REFERENCE of a series');
    const unit = values.unit === undefined ? null : readUnit('--unit', values.unit);
    const retired = await withKeys((keys) =>
      keys.retire(set, named?.reference ?? null, named?.version ?? null, { index, unit }),
    );
    const whose = unit === null ? set : `module ${unit}`;
    const what = index === null ? `keys of ${whose} are given out no more` : `derived keys of ${whose} are over`;
    io.out(io.json ? JSON.stringify({ set, retired }) : `${retired} ${what}.`);
    return 0;
  },
};

function readIndex(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) >= LIMITS.seriesNumbers)
    throw new UsageError(`--index is a number from 0 to ${LIMITS.seriesNumbers - 1}`);
  return Number(text);
}

/** Makes new versions of all keys of a set. */
export const keysRenewCommand: CliCommand = {
  name: 'keys renew',
  summary: 'Makes the next version of each key of a set and stops the older ones',
  usage: [
    'farebox keys renew SET [--json]',
    '  a key that is retired gets its next version where the policy of the set names it; modules fetch what is new by themselves',
  ].join('\n'),
  run: async (args, io) => {
    const set = readKeyName('SET', readArguments({ args, positionals: ['SET'], options: {} }).positionals[0]);
    const apps = await withKeys((keys) => keys.renew(set));
    if (io.json) io.out(JSON.stringify({ apps }));
    else
      for (const { reference, version, materialCheck } of apps)
        io.out(`${set} has ${reference}/${version}, check value ${materialCheck}.`);
    return 0;
  },
};
