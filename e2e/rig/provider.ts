// Starts and stops the real provider (server-mock/main.ts) for tests and benches, over a data folder of its own, on free ports.
// An empty folder gets the sample programme, as it does for a person.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pinnedNode, root } from '../../scripts/paths.mjs';

/** A provider that runs. */
export type RunningProvider = {
  /** Where the terminal is listened for, without a slash at its end. */
  readonly terminalOrigin: string;
  readonly moduleOrigin: string;
  readonly dataDir: string;
  /** Stops it in order; resolves when the process has ended. */
  stop(): Promise<void>;
};

/**
 * Starts a provider over `dataDir`; resolves when it answers.
 * @param environment settings over the defaults, as server-mock/config.ts reads them; with `PORT` and `MODULE_PORT` it takes the place of one
 * that was stopped
 */
export async function startTestProvider(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningProvider> {
  const isPlaced = environment.PORT !== undefined || environment.MODULE_PORT !== undefined;
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce(dataDir, environment);
    } catch (error) {
      // A port that was free a moment ago may be the near end of somebody's connection by now.
      if (isPlaced || tries === PLACES_TRIED) throw error;
    }
  }
}

async function startOnce(dataDir: string, environment: Readonly<Record<string, string>>): Promise<RunningProvider> {
  const port = Number(environment.PORT ?? (await freePort()));
  const modulePort = Number(environment.MODULE_PORT ?? (await freePort()));
  const child = spawn(pinnedNode, [join(root, 'server-mock/main.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      FAREBOX_DATA: dataDir,
      PORT: String(port),
      MODULE_PORT: String(modulePort),
      // All terminals of a run share one address, so the limits a minute are raised; the limits have tests of their own.
      FAREBOX_RATE_FACTOR: '1000',
      ...environment,
    },
  });
  // Where the run ends without stopping it, it ends with the run.
  const end = (): void => void child.kill();
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  await firstLine(child);
  return {
    terminalOrigin: `http://localhost:${port}`,
    moduleOrigin: `http://localhost:${modulePort}`,
    dataDir,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Places that a provider is tried at; what else keeps it from starting keeps it from all of them. */
const PLACES_TRIED = 3;

/** A port that was free a moment ago. Two providers of one run never get the same: the system hands them out in turn. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

/** The child's first line of output, which it writes when it is ready; rejects when it ends without one. */
function firstLine(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error('the provider has no output to read its address from');
  return new Promise((resolve, reject) => {
    createInterface({ input: stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the provider ended with ${code} before it was ready`)));
  });
}
