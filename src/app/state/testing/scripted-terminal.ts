// A terminal's state over a module and a provider that do as a test tells them. Every command and errand is in `trace`, in order.

import type { KeyErrands } from '../../../host/errands/keys.ts';
import type { ModuleLife } from '../../../player/ports.ts';
import { createStore } from '../../../player/store.ts';
import { FareboxError } from '../../../protocol/errors.ts';
import type { CommandName, ModuleStatus } from '../../../worker-module/commands.ts';
import type { ModuleEvent } from '../../../worker-module/events.ts';
import type { TerminalPorts } from '../ports.ts';
import { createTerminal } from '../terminal.ts';

/** A module that is well. */
export const STATUS: ModuleStatus = {
  moduleId: 'aa'.repeat(16),
  certificate: null,
  epoch: 1,
  epochPending: false,
  counter: 1,
  head: new Uint8Array(32),
  storage: 'ready',
  lock: 'none',
  factors: [],
  idleLockMinutes: null,
  keysMovable: true,
  standing: 'good',
  safety: {
    persistent: false,
    backup: 'none',
    backupTime: null,
    backupPasskey: false,
    usageBytes: null,
    quotaBytes: null,
    unsafeLimitMinor: 50_000,
  },
  allowance: { dayMinor: 0, leftMinor: 0 },
  droppedCalls: 0,
};

/** Answers by command, or the error it ends with; changed while a test goes on. */
export type Answers = Partial<Record<CommandName, unknown>>;

/** Makes it; the module is ready and has no receipts unless `answers` say otherwise. */
export function scriptedTerminal(answers: Answers = {}) {
  const trace: string[] = [];
  const said: Answers = {
    status: STATUS,
    receipts: [],
    sessions: [],
    operations: [],
    disclosures: [],
    restoreReport: null,
    keys: [],
    setVolume: null,
    ...answers,
  };
  const notes = new Map<string, string>();
  const eventListeners = new Set<(event: ModuleEvent) => void>();
  const lifeListeners = new Set<(life: ModuleLife) => void>();
  const errands = new Map<string, FareboxError>();
  const call = async (name: CommandName) => {
    trace.push(name);
    const value = said[name];
    if (value === undefined) throw new FareboxError('module/refused', { name });
    if (value instanceof FareboxError) throw value;
    return structuredClone(value);
  };
  const errand = async (name: string) => {
    trace.push(name);
    const error = errands.get(name);
    if (error !== undefined) throw error;
  };
  const keyErrands: KeyErrands = {
    async fetchKeys() {
      await errand('fetchKeys');
      return { imported: ['watch'], agreement: 1 };
    },
    async choosePin(reference) {
      await errand(`choosePin ${reference}`);
      return { reference, version: 1, kind: 'series', checkValue: null, pin: true, importedTime: 0 };
    },
    async signInWithPin() {
      await errand('signInWithPin');
      return { application: 'wallet' };
    },
    async giveCard() {
      await errand('giveCard');
      return { last4: '4242', expiry: '2027-08' };
    },
    removeCard: () => errand('removeCard'),
    async renewKeys() {
      await errand('renewKeys');
      return { imported: ['watch'], agreement: 2 };
    },
  };
  const ports: TerminalPorts = {
    module: {
      call: call as TerminalPorts['module']['call'],
      onEvent(listener) {
        eventListeners.add(listener);
        return () => eventListeners.delete(listener);
      },
      onState(listener) {
        lifeListeners.add(listener);
        listener('ready');
        return () => lifeListeners.delete(listener);
      },
    },
    provider: {
      catalogue: async () => [],
      agencyKey: async () => new Uint8Array(32),
      contentUrl: (hash) => hash,
      async backup(locator) {
        trace.push(`backup ${locator}`);
        return Uint8Array.of(5, 6).buffer;
      },
      programme: () => Promise.reject(new FareboxError('network/unreachable')),
      liveUpdate: () => Promise.reject(new FareboxError('network/unreachable')),
      content: () => Promise.reject(new FareboxError('network/unreachable')),
    },
    relay: {
      prepare: () => errand('prepare'),
      beginSession: () => Promise.reject(new FareboxError('network/unreachable')),
      settle: () => errand('settle'),
      release: () => errand('release'),
      settleAll: () => errand('settleAll'),
      catchUp: () => errand('catchUp'),
      claim: () => errand('claim'),
      async reconcile() {
        await errand('reconcile');
        return 'good';
      },
      leaveBackup: () => errand('leaveBackup'),
      keys: async () => keyErrands,
    },
    kept: {
      labels: async () => null,
      ids: createStore<readonly string[]>([]),
      isAll: createStore(false),
      downloads: () => Promise.reject(new FareboxError('module/refused')),
    },
    notes: { read: (name) => notes.get(name) ?? null, write: (name, text) => void notes.set(name, text) },
    nowMs: () => 0,
    wallClockMs: () => 0,
    pause: () => new Promise(() => undefined),
    chance: () => 0,
  };
  const terminal = createTerminal(ports, (listener) => listener(true));
  return {
    terminal,
    trace,
    said,
    notes,
    errands,
    emit: (event: ModuleEvent) => {
      for (const listener of [...eventListeners]) listener(event);
    },
    live: (life: ModuleLife) => {
      for (const listener of [...lifeListeners]) listener(life);
    },
  };
}
