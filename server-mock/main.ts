// The provider's process: reads the environment, starts, makes an open set of keys and the sample programme where there
// is none, prints the one address, and stops in order on SIGINT or SIGTERM. What goes wrong at the start is one line and exit code 1.

import { ERROR_WORDS } from '../src/protocol/error-words.ts';
import { FareboxError } from '../src/protocol/errors.ts';
import { ConfigError, configFromEnvironment } from './config.ts';
import { directKeys } from './key-unit/direct-registry.ts';
import { makeSampleSet } from './key-unit/sample-set.ts';
import { ensureSample } from './publisher/sample/ensure-sample.ts';
import { type RunningProvider, startProvider } from './server.ts';

/** What a person reads of something that ended the process: the table's message and where it was. */
function describeFailure(cause: unknown): string {
  if (cause instanceof ConfigError) return `Setting ${cause.message}`;
  if (!(cause instanceof FareboxError))
    return `The provider stopped: ${cause instanceof Error ? cause.message : 'unknown'}`;
  const where = Object.entries(cause.detail ?? {}).map(([name, value]) => `${name} ${value}`);
  const { message, next } = ERROR_WORDS[cause.code];
  return `${message} ${next} [${[cause.code, ...where].join(', ')}]`;
}

async function makeSample(running: RunningProvider, signal: AbortSignal): Promise<void> {
  let shown = -1;
  await ensureSample({
    config: running.provider.config,
    registry: running.registry,
    content: running.provider.content,
    signer: running.provider.keys.provider,
    signal,
    onProgress: ({ phase, ratio }) => {
      const percent = Math.floor(ratio * 100);
      if (percent === shown) return;
      shown = percent;
      // One line that is written over; on something that is no terminal only its beginning and end.
      if (process.stderr.isTTY) process.stderr.write(`\rMaking the sample programme: ${phase} ${percent} % `);
      else if (percent === 0) process.stderr.write(`Making the sample programme: ${phase}\n`);
    },
  });
  if (shown >= 0 && process.stderr.isTTY) process.stderr.write('\n');
}

async function main(): Promise<void> {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort());
  const running = await startProvider(configFromEnvironment(process.env));
  stopping.signal.addEventListener('abort', () => void running.stop());
  if (stopping.signal.aborted) return running.stop();
  try {
    await makeSampleSet(directKeys(running.provider));
  } catch (cause) {
    // Terminals then show themselves by their signatures alone.
    process.stderr.write(`${describeFailure(cause)}\n`);
  }
  try {
    await makeSample(running, stopping.signal);
  } catch (cause) {
    if (stopping.signal.aborted) return running.stop();
    // The catalogue stays empty and the provider useful: a person can still publish something of their own.
    process.stderr.write(`\n${describeFailure(cause)}\n`);
  }
  process.stdout.write(`Farebox is ready at ${running.terminalUrl}\n`);
}

main().catch((cause: unknown) => {
  process.stderr.write(`${describeFailure(cause)}\n`);
  process.exitCode = 1;
});
