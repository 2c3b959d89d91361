// Composes what the terminal stands on from the host's parts. Called once by main.tsx.

import type { ModuleConnection } from '../host/connect.ts';
import type { SettleFailure } from '../host/errands/settle.ts';
import { pauseFor } from '../host/pause.ts';
import { createProvider } from '../host/provider.ts';
import { createRelay } from '../host/relay.ts';
import { makeKept } from './downloads/kept.ts';
import { makeHostNotes } from './host-notes.ts';
import type { TerminalPorts } from './state/ports.ts';

/** The ports over a connected module; the provider is the origin that served this page. */
export function makeTerminalPorts(module: ModuleConnection): TerminalPorts {
  const origin = createProvider(window.location.origin);
  const wallClockMs = (): number => Date.now();
  const notes = makeHostNotes(() => window.localStorage);
  const relay = createRelay({ module, provider: origin, notes, wallClockMs });
  // Another epoch, another certificate, another store: a contact of before would be taken for a copy's.
  module.onEvent((event) => event.type === 'changed' && event.what === 'status' && relay.forgetPrepared());
  module.onState((state) => state !== 'ready' && relay.forgetPrepared());
  const { provider, kept } = makeKept(origin, notes, async (noteKept) => {
    const { openDownloads } = await import('./downloads/open-downloads.ts');
    return openDownloads({ module, provider: origin, noteKept, keepSession: relay.keepSession, settle: relay.settle });
  });
  const unaborted = (): AbortSignal => new AbortController().signal;
  const tellFirst = ([first]: readonly SettleFailure[]): void => {
    if (first !== undefined) throw first.error;
  };
  return {
    module,
    provider,
    kept,
    relay: {
      prepare: relay.prepare,
      beginSession: relay.beginSession,
      settle: (session) => relay.settle(session),
      release: (session) => relay.release(session),
      settleAll: async () => tellFirst(await relay.settleAll(unaborted())),
      catchUp: async () => tellFirst(await relay.catchUp(unaborted())),
      claim: (session) => relay.claim(session, unaborted()),
      reconcile: () => relay.reconcile(unaborted()),
      leaveBackup: (backup) => relay.leaveBackup(backup, unaborted()),
      keys: relay.keys,
    },
    notes,
    onHidden: (listener) => {
      document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && listener());
    },
    nowMs: () => performance.now(),
    wallClockMs,
    chance: () => Math.random(),
    pause: pauseFor,
  };
}
