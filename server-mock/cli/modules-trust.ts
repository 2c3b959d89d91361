// `farebox modules distrust ID` and `trust ID`: puts a module on the agency's untrusted list, or takes it off. From the next
// request on it counts; what a distrusted module has shown is still owed, so its receipts are taken.

import { decodeModuleId, type ModuleId } from '../../src/protocol/ids.ts';
import { openRegistry } from '../admin/open-registry.ts';
import { configFromEnvironment } from '../config.ts';
import type { ModuleRegistry } from '../modules/registry.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, UsageError } from './command.ts';

/** The command that puts a module on the list. */
export const modulesDistrustCommand = makeCommand({
  verb: 'distrust',
  summary: 'Puts a module on the untrusted list',
  done: 'is not trusted any more',
  change: (modules, id) => modules.distrust(id),
});

/** The command that takes it off. */
export const modulesTrustCommand = makeCommand({
  verb: 'trust',
  summary: 'Takes a module off the untrusted list',
  done: 'is trusted',
  change: (modules, id) => modules.trust(id),
});

/** A module's id from a command line. @throws UsageError. */
export function readModuleId(id = ''): ModuleId {
  if (!/^[0-9a-f]{32}$/.test(id)) throw new UsageError(`"${id}" is not a module id`);
  return decodeModuleId(id);
}

type Change = {
  readonly verb: 'trust' | 'distrust';
  readonly summary: string;
  readonly done: string;
  readonly change: (modules: ModuleRegistry, id: ModuleId) => Promise<void>;
};

function makeCommand({ verb, summary, done, change }: Change): CliCommand {
  return {
    name: `modules ${verb}`,
    summary,
    usage: `farebox modules ${verb} ID [--json]\n  ID  32 hex digits, as \`farebox modules list\` shows them`,
    run: async (args, io) => {
      const id = readModuleId(readArguments({ args, positionals: ['ID'], options: {} }).positionals[0]);
      const { modules, close } = await openRegistry(configFromEnvironment(process.env));
      try {
        await change(modules, id);
        io.out(io.json ? JSON.stringify({ module: id, trusted: verb === 'trust' }) : `${id} ${done}.`);
        return 0;
      } finally {
        await close();
      }
    },
  };
}
