// `farebox keys cards` and `keys cards remove MODULE`: which modules have confided a card. Only what may be shown of one is ever here: its
// last four digits and its expiry.

import type { CardSummary } from '../key-unit/registry.ts';
import { readArguments } from './arguments.ts';
import type { CliCommand } from './command.ts';
import { withKeys } from './keys-arguments.ts';
import { readModuleId } from './modules-trust.ts';
import { formatTime, layOutTable } from './table.ts';

const TITLES = ['MODULE', 'CARD', 'EXPIRY', 'ADDED'];

/** Lists the cards. */
export const keysCardsCommand: CliCommand = {
  name: 'keys cards',
  summary: 'Lists the cards that modules have confided: last four digits and expiry',
  usage: 'farebox keys cards [--json]',
  run: async (args, io) => {
    readArguments({ args, positionals: [], options: {} });
    const cards = await withKeys((keys) => keys.cards());
    if (io.json) io.out(JSON.stringify({ cards }));
    else if (cards.length === 0) io.out('No module has confided a card.');
    else for (const line of layOutTable([TITLES, ...cards.map(cellsOf)])) io.out(line);
    return 0;
  },
};

/** Deletes one. */
export const keysCardsRemoveCommand: CliCommand = {
  name: 'keys cards remove',
  summary: 'Deletes the card of a module',
  usage: 'farebox keys cards remove MODULE [--json]\n  MODULE  32 hex digits, as `farebox keys cards` shows them',
  run: async (args, io) => {
    const module = readModuleId(readArguments({ args, positionals: ['MODULE'], options: {} }).positionals[0]);
    const removed = await withKeys((keys) => keys.removeCard(module));
    const said = removed ? `The card of ${module} is deleted.` : `${module} has no card here.`;
    io.out(io.json ? JSON.stringify({ module, removed }) : said);
    return 0;
  },
};

function cellsOf({ module, last4, expiry, addedTime }: CardSummary): string[] {
  return [module, `… ${last4}`, expiry, formatTime(addedTime)];
}
