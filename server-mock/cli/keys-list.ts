// `farebox keys sets`, `keys apps` and `keys show SET`: what the key unit has, by name and check value, never by content.

import { FareboxError } from '../../src/protocol/errors.ts';
import type { ApplicationKeySummary, KeyPolicy, KeySetSummary } from '../key-unit/registry.ts';
import { readArguments } from './arguments.ts';
import type { CliCommand } from './command.ts';
import { readKeyName, withKeys } from './keys-arguments.ts';
import { formatTime, layOutTable } from './table.ts';

/** Lists the sets. */
export const keysSetsCommand: CliCommand = {
  name: 'keys sets',
  summary: 'Lists the sets of units that share a transport key',
  usage: 'farebox keys sets [--json]',
  run: async (args, io) => {
    readArguments({ args, positionals: [], options: {} });
    const sets = await withKeys((keys) => keys.sets());
    if (io.json) io.out(JSON.stringify({ sets }));
    else if (sets.length === 0) io.out('There is no set yet. Make one with `farebox keys add set NAME`.');
    else for (const line of layOutTable([SET_TITLES, ...sets.map(setCells)])) io.out(line);
    return 0;
  },
};

/** Lists the application keys. */
export const keysAppsCommand: CliCommand = {
  name: 'keys apps',
  summary: 'Lists the application keys',
  usage: 'farebox keys apps [--set SET] [--json]',
  run: async (args, io) => {
    const { values } = readArguments({ args, positionals: [], options: { set: { type: 'string' } } });
    const set = values.set === undefined ? null : readKeyName('SET', values.set);
    const apps = await withKeys((keys) => keys.apps(set));
    if (io.json) io.out(JSON.stringify({ apps }));
    else if (apps.length === 0) io.out('There is no application key yet. Make one with `farebox keys add app`.');
    else for (const line of layOutTable([APP_TITLES, ...apps.map(appCells)])) io.out(line);
    return 0;
  },
};

/** Shows one set. */
export const keysShowCommand: CliCommand = {
  name: 'keys show',
  summary: 'Shows a set: its units, its application keys, what is retired',
  usage: 'farebox keys show SET [--json]',
  run: async (args, io) => {
    const name = readKeyName('SET', readArguments({ args, positionals: ['SET'], options: {} }).positionals[0]);
    const { set, apps } = await withKeys(async (keys) => {
      const found = (await keys.sets()).find((known) => known.name === name);
      if (found === undefined) throw new FareboxError('keys/unknown-set', { name });
      return { set: found, apps: await keys.apps(name) };
    });
    if (io.json) io.out(JSON.stringify({ set, apps }));
    else for (const line of describe(set, apps)) io.out(line);
    return 0;
  },
};

function describe(set: KeySetSummary, apps: readonly ApplicationKeySummary[]): string[] {
  const lines = layOutTable([
    ['Set', set.name],
    ['Id', set.set],
    ['Units', String(set.units)],
    ['Transport key', `check value ${set.transportCheck}`],
    ['Open', set.openSize === null ? 'no' : `to ${set.openSize} modules`],
    ['Policy', set.policy === null ? 'none' : describePolicy(set.policy)],
    ['Made', formatTime(set.createdTime)],
    ['Retired', set.retiredTime === null ? 'no' : formatTime(set.retiredTime)],
  ]);
  if (apps.length === 0) return [...lines, '', 'No application keys.'];
  return [...lines, '', ...layOutTable([APP_TITLES, ...apps.map(appCells)])];
}

function describePolicy({ rule, master, series }: KeyPolicy): string {
  const sets = series.map(({ reference, pin }) => (pin ? `${reference} (PIN)` : reference));
  return `rule ${rule}, master ${master}, series ${sets.join(', ')}`;
}

const SET_TITLES = ['SET', 'ID', 'UNITS', 'OPEN', 'CHECK', 'MADE', 'RETIRED'];
const APP_TITLES = ['SET', 'KEY', 'KIND', 'NUMBERS', 'CHECK', 'UNITS', 'MADE', 'RETIRED'];

function setCells({ name, set, units, openSize, transportCheck, createdTime, retiredTime }: KeySetSummary): string[] {
  return [
    name,
    set,
    String(units),
    openSize === null ? 'no' : String(openSize),
    transportCheck,
    formatTime(createdTime),
    retiredTime === null ? 'no' : formatTime(retiredTime),
  ];
}

function appCells(app: ApplicationKeySummary): string[] {
  const { set, reference, version, kind, count, materialCheck, units, createdTime, retiredTime } = app;
  return [
    set,
    `${reference}/${version}`,
    kind,
    kind === 'series' ? String(count) : '',
    materialCheck,
    String(units),
    formatTime(createdTime),
    retiredTime === null ? 'no' : formatTime(retiredTime),
  ];
}
