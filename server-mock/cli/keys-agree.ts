// `farebox keys policy`, `keys rule` and `keys agreements`: what is agreed with the modules of a set on derived keys, and with which it is in
// force (docs/protocol.md §24).

import { SELECTION_RULES } from '../../src/protocol/derived-keys/rules.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import type { AgreementSummary, KeyPolicy } from '../key-unit/registry.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, UsageError } from './command.ts';
import { readKeyName, readKeyNames, readRule, readUnit, withKeys } from './keys-arguments.ts';
import { formatTime, layOutTable } from './table.ts';

const RULES = SELECTION_RULES.join('|');

/** Says what agreements with the units of a set name. */
export const keysPolicyCommand: CliCommand = {
  name: 'keys policy',
  summary: 'Says what is agreed with the modules of a set on derived keys',
  usage: [
    `farebox keys policy SET --rule ${RULES} --master REFERENCE --series REFERENCE[,…] [--pin REFERENCE[,…]] [--json]`,
    `  --series  at most ${LIMITS.seriesSets}, one for each application`,
    '  --pin     those of them that a PIN chooses; the others sign modules in',
  ].join('\n'),
  run: async (args, io) => {
    const options = {
      rule: { type: 'string' },
      master: { type: 'string' },
      series: { type: 'string' },
      pin: { type: 'string' },
    } as const;
    const { positionals, values } = readArguments({ args, positionals: ['SET'], options });
    const set = readKeyName('SET', positionals[0]);
    const policy = readPolicy(values);
    await withKeys((keys) => keys.setPolicy(set, policy));
    io.out(io.json ? JSON.stringify({ set, policy }) : `Modules of ${set} agree on this with their next contact.`);
    return 0;
  },
};

function readPolicy(values: {
  readonly rule?: string | undefined;
  readonly master?: string | undefined;
  readonly series?: string | undefined;
  readonly pin?: string | undefined;
}): KeyPolicy {
  const { rule, master, series, pin } = values;
  if (rule === undefined || master === undefined || series === undefined)
    throw new UsageError('--rule, --master and --series are needed');
  const named = readKeyNames('--series', series);
  const chosen = pin === undefined ? [] : readKeyNames('--pin', pin);
  const stray = chosen.find((reference) => !named.includes(reference));
  if (stray !== undefined) throw new UsageError(`--pin ${stray} is not one of --series`);
  if (named.length > LIMITS.seriesSets || new Set(named).size < named.length)
    throw new UsageError(`--series has at most ${LIMITS.seriesSets}, each once`);
  return {
    rule: readRule('--rule', rule),
    master: readKeyName('--master', master),
    series: named.map((reference) => ({ reference, pin: chosen.includes(reference) })),
  };
}

/** What `keys rule` takes for a unit that is to have its set's rule again. */
const NO_RULE = 'none';

/** Changes the rule of a set or of one unit. */
export const keysRuleCommand: CliCommand = {
  name: 'keys rule',
  summary: 'Changes the rule by which series numbers are selected, for a set or one module',
  usage: [
    `farebox keys rule SET ${RULES} [--unit MODULE] [--json]`,
    `  --unit  for this module alone; with ${NO_RULE} in place of a rule it has that of its set again`,
  ].join('\n'),
  run: async (args, io) => {
    const read = readArguments({ args, positionals: ['SET', 'RULE'], options: { unit: { type: 'string' } } });
    const set = readKeyName('SET', read.positionals[0]);
    const unit = read.values.unit === undefined ? null : readUnit('--unit', read.values.unit);
    const isNone = unit !== null && read.positionals[1] === NO_RULE;
    const rule = isNone ? null : readRule('RULE', read.positionals[1] ?? '');
    await withKeys((keys) => keys.setRule(set, rule, unit));
    const whose = unit === null ? `Modules of ${set} agree` : `Module ${unit} agrees`;
    io.out(io.json ? JSON.stringify({ set, rule, unit }) : `${whose} on this with the next contact.`);
    return 0;
  },
};

/** Lists the agreements. */
export const keysAgreementsCommand: CliCommand = {
  name: 'keys agreements',
  summary: 'Lists what was agreed with modules, and with which it is in force',
  usage: 'farebox keys agreements [SET] [--json]',
  run: async (args, io) => {
    const [named] = readArguments({ args, positionals: ['SET'], optional: 1, options: {} }).positionals;
    const set = named === undefined ? null : readKeyName('SET', named);
    const agreements = await withKeys((keys) => keys.agreements(set));
    if (io.json) io.out(JSON.stringify({ agreements }));
    else if (agreements.length === 0) io.out('Nothing was agreed with any module yet.');
    else for (const line of layOutTable([TITLES, ...agreements.map(cells)])) io.out(line);
    return 0;
  },
};

const TITLES = ['SET', 'MODULE', 'NUMBER', 'RULE', 'ACCEPTED', 'IN FORCE', 'COUNT', 'WRONG PINS'];

function cells(agreement: AgreementSummary): string[] {
  const { set, module, number, rule, acceptedTime, inForce, count, wrongPins } = agreement;
  return [
    set,
    module,
    String(number),
    rule,
    acceptedTime === null ? 'no' : formatTime(acceptedTime),
    inForce ? 'yes' : 'no',
    String(count),
    String(wrongPins),
  ];
}
