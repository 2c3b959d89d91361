// Composes what the terminal stands on from the host's parts. Called once by main.tsx.

import type { ModuleConnection } from '../host/connect.ts';
import { createProvider } from '../host/provider.ts';
import { createRelay } from '../host/relay.ts';
import type { TerminalPorts } from './state/ports.ts';

/** The ports over a connected module; the provider is the origin that served this page. */
export function makeTerminalPorts(module: ModuleConnection): TerminalPorts {
  const provider = createProvider(window.location.origin);
  const wallClockMs = (): number => Date.now();
  const relay = createRelay({ module, provider, wallClockMs });
  return {
    module,
    provider,
    relay: {
      async prepare() {
        await relay.ensureEnrolled(new AbortController().signal);
      },
      beginSession: relay.beginSession,
      settle: (session) => relay.settle(session),
      async settleAll() {
        const failures = await relay.settleAll(new AbortController().signal);
        const first = failures[0];
        if (first !== undefined) throw first.error;
      },
    },
    nowMs: () => performance.now(),
    wallClockMs,
    chance: () => Math.random(),
    pause: (ms, signal) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer);
          reject(signal.reason);
        };
        const timer = setTimeout(() => {
          signal.removeEventListener('abort', stop);
          resolve();
        }, ms);
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      }),
  };
}
