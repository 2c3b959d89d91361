// `farebox remove ID`: takes a programme off sale and deletes its files. Receipts of sessions already granted stay.

import { decodeProgrammeId } from '../../src/protocol/ids.ts';
import { openRegistry } from '../admin/open-registry.ts';
import { configFromEnvironment } from '../config.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, UsageError } from './command.ts';

/** The command. */
export const removeCommand: CliCommand = {
  name: 'remove',
  summary: 'Takes a programme off sale',
  usage: 'farebox remove ID [--json]\n  ID  32 hex digits, as `farebox list` shows them',
  run: async (args, io) => {
    const [id = ''] = readArguments({ args, positionals: ['ID'], options: {} }).positionals;
    if (!/^[0-9a-f]{32}$/.test(id)) throw new UsageError(`"${id}" is not a programme id`);
    const programme = decodeProgrammeId(id);
    const { registry, close } = await openRegistry(configFromEnvironment(process.env));
    try {
      await registry.remove(programme);
      io.out(io.json ? JSON.stringify({ removed: id }) : `Removed ${id}.`);
      return 0;
    } finally {
      await close();
    }
  },
};
