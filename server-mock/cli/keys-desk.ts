// `farebox keys desk`: a page on this machine for giving whole sets their application keys. What it serves and who may use it is in
// server-mock/desk/; here are the arguments and what the person is told.

import { openRegistryInTurn } from '../admin/open-registry.ts';
import { configFromEnvironment } from '../config.ts';
import { openDesk } from '../desk/open-desk.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, UsageError } from './command.ts';

/** The command. */
export const keysDeskCommand: CliCommand = {
  name: 'keys desk',
  summary: 'Opens a page on this machine for batches of application keys',
  usage: [
    'farebox keys desk [--port N] [--json]',
    '  --port  where it listens on 127.0.0.1; a free one unless told',
    '  Whoever has the printed address can use it until the command ends. Ctrl-C ends it; batches under way stop behind',
    '  their last answer, and go on from there at the next desk.',
  ].join('\n'),
  run: async (args, io) => {
    const { values } = readArguments({ args, positionals: [], options: { port: { type: 'string', default: '0' } } });
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : -1;
    if (port < 0 || port > 65_535) throw new UsageError('--port is a number from 0 to 65535');
    const config = configFromEnvironment(process.env);
    const openKeys = () => openRegistryInTurn(config);
    const desk = await openDesk({ dataDir: config.dataDir, port, openKeys, clock: Date.now });
    try {
      io.out(io.json ? JSON.stringify({ url: desk.url }) : `The desk is open at ${desk.url}`);
      await aborted(io.signal);
    } finally {
      await desk.close();
    }
    return 0;
  },
};

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
