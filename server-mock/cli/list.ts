// `farebox list`: the programmes on sale, those that are live now before the others, newest first.

import { amount, formatAmount } from '../../src/protocol/amount.ts';
import { openRegistry } from '../admin/open-registry.ts';
import type { ProgrammeSummary } from '../catalogue/registry.ts';
import { configFromEnvironment } from '../config.ts';
import { readArguments } from './arguments.ts';
import type { CliCommand } from './command.ts';
import { layOutTable } from './table.ts';

/** The command. */
export const listCommand: CliCommand = {
  name: 'list',
  summary: 'Lists the programmes on sale',
  usage: 'farebox list [--json]',
  run: async (args, io) => {
    readArguments({ args, positionals: [], options: {} });
    const { registry, close } = await openRegistry(configFromEnvironment(process.env));
    try {
      const programmes = await registry.list();
      if (io.json) {
        io.out(JSON.stringify({ programmes }));
      } else if (programmes.length === 0) {
        io.out('Nothing is published yet.');
      } else {
        const rows = programmes.map((programme) => [
          programme.id,
          lengthOf(programme),
          `${formatAmount(amount(programme.currency, programme.priceMinor))} a frame`,
          programme.rungs.join(' '),
          programme.modes.join(' '),
          programme.title,
        ]);
        for (const line of layOutTable([['ID', 'LENGTH', 'PRICE', 'RUNGS', 'MODES', 'TITLE'], ...rows])) io.out(line);
      }
      return 0;
    } finally {
      await close();
    }
  },
};

/** Of a live programme, what is out of it, and whether it goes on. */
function lengthOf({ durationMs, frameDurationMs, live }: ProgrammeSummary): string {
  if (live === null) return formatDuration(durationMs);
  return `${live.ended ? 'ended' : 'live'} ${formatDuration(live.edge * frameDurationMs)}`;
}

/** Hours only where there are some: `1:02:03`, `2:03`. */
function formatDuration(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
