// `farebox modules list`: the modules that enrolled here, newest first, and which of them have alarms.

import { openRegistry } from '../admin/open-registry.ts';
import { configFromEnvironment } from '../config.ts';
import type { ModuleSummary } from '../modules/registry.ts';
import { readArguments } from './arguments.ts';
import type { CliCommand } from './command.ts';
import { formatTime, layOutTable } from './table.ts';

/** The command. */
export const modulesListCommand: CliCommand = {
  name: 'modules list',
  summary: 'Lists the modules that enrolled here, the newest thousand',
  usage: 'farebox modules list [--json]',
  run: async (args, io) => {
    readArguments({ args, positionals: [], options: {} });
    const { modules, close } = await openRegistry(configFromEnvironment(process.env));
    try {
      const listed = await modules.list();
      if (io.json) io.out(JSON.stringify({ modules: listed }));
      else if (listed.length === 0) io.out('No module has enrolled yet.');
      else {
        const titles = ['ID', 'ENROLLED', 'EPOCH', 'COUNTER', 'LAST CONTACT', 'ALARMS', 'TRUSTED'];
        for (const line of layOutTable([titles, ...listed.map(cellsOf)])) io.out(line);
      }
      return 0;
    } finally {
      await close();
    }
  },
};

function cellsOf(module: ModuleSummary): string[] {
  return [
    module.id,
    formatTime(module.enrolledTime),
    String(module.epoch),
    String(module.lastCounter),
    module.lastContactTime === null ? 'never' : formatTime(module.lastContactTime),
    String(module.alarmCount),
    module.trusted ? 'yes' : 'no',
  ];
}
