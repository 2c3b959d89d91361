// `farebox claims list`: the claims that were answered here, newest first, and what was paid back.

import { amount, formatAmount } from '../../src/protocol/amount.ts';
import { openRegistry } from '../admin/open-registry.ts';
import { configFromEnvironment } from '../config.ts';
import { readArguments } from './arguments.ts';
import type { CliCommand } from './command.ts';
import { formatTime, layOutTable } from './table.ts';

/** The command. */
export const claimsListCommand: CliCommand = {
  name: 'claims list',
  summary: 'Lists the claims that were answered here, the newest thousand',
  usage: 'farebox claims list [--json]',
  run: async (args, io) => {
    readArguments({ args, positionals: [], options: {} });
    const { claims, close } = await openRegistry(configFromEnvironment(process.env));
    try {
      const listed = await claims.list();
      if (io.json) io.out(JSON.stringify({ claims: listed }));
      else if (listed.length === 0) io.out('Nothing has been claimed yet.');
      else {
        const rows = listed.map(({ session, answeredTime, verdict, currency, amountMinor, title }) => [
          session,
          formatTime(answeredTime),
          verdict,
          formatAmount(amount(currency, BigInt(amountMinor))),
          title ?? 'not on sale any more',
        ]);
        for (const line of layOutTable([['SESSION', 'ANSWERED', 'VERDICT', 'PAID BACK', 'PROGRAMME'], ...rows])) {
          io.out(line);
        }
      }
      return 0;
    } finally {
      await close();
    }
  },
};
