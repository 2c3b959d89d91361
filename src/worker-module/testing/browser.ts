// Browsers for tests: storage, locks and hints that tabs share, and tabs in which a whole module runs behind its gate. A tab can be cut
// at any storage call and killed; what is stored stays. The display is a stand-in that shows frames when the test says so.

import type { FareboxError } from '../../protocol/errors.ts';
import { webCryptoSuite } from '../../protocol/suite/webcrypto.ts';
import type { Clock } from '../clock.ts';
import type { CommandName, Commands, Result } from '../commands.ts';
import { makeEventOutlet } from '../event-port.ts';
import type { ModuleEvent } from '../events.ts';
import type { FrameSink, PreparedFrame } from '../frame-gateway.ts';
import { createModule } from '../module.ts';
import type { CheckpointSlots } from '../store/checkpoint.ts';
import type { Hints } from '../store/hints.ts';
import type { Locks } from '../store/locks.ts';
import { makeMemoryLocks } from '../store/testing/memory-locks.ts';
import { type MemoryRows, type MemoryStore, makeMemoryRows, makeMemoryStore } from '../store/testing/memory-store.ts';
import { randomBytes, START_TIME } from './provider-side.ts';

/** A clock that stands still until the test moves it; `advance` runs the timers that are due. */
export type TestClock = Clock & { advance(ms: number): void };

/** Storage and what tabs share. */
export type TestBrowser = {
  readonly rows: MemoryRows;
  readonly slotBytes: [Uint8Array | null, Uint8Array | null];
  readonly clock: TestClock;
  readonly locks: ReturnType<typeof makeMemoryLocks>;
  readonly hintListeners: Set<(session: Parameters<Hints['announce']>[0]) => void>;
};

/** A frame that the stand-in display has and has not shown. */
export type TestSink = FrameSink & { readonly frames: Map<number, PreparedFrame>; readonly shown: number[] };

/** A tab with a module in it. */
export type TestTab = {
  readonly store: MemoryStore;
  readonly events: ModuleEvent[];
  /** The display of the active session. @throws when none was made. */
  sink(): TestSink;
  /** Calls a command through the gate, as a page does. */
  call<Name extends CommandName>(
    name: Name,
    argument: Parameters<Commands[Name]>[0],
  ): Promise<Result<ReturnType<Commands[Name]>>>;
  /** Posts anything at all to the command port. */
  post(message: unknown): void;
  /** Messages that left on the command port. */
  readonly outward: unknown[];
  /** The tab is gone: its storage calls fail, its locks are free. */
  kill(): void;
};

/** A clock at START_TIME. */
export function makeTestClock(): TestClock {
  let now = START_TIME;
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    after: (delayMs, run) => {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: (ms) => {
      now += ms;
      const due = timers.filter((timer) => timer.at <= now);
      timers = timers.filter((timer) => timer.at > now);
      for (const timer of due) timer.run();
    },
  };
}

/** A browser in which nothing was ever stored. */
export function makeTestBrowser(): TestBrowser {
  return {
    rows: makeMemoryRows(),
    slotBytes: [null, null],
    clock: makeTestClock(),
    locks: makeMemoryLocks(),
    hintListeners: new Set(),
  };
}

/** The same browser as it is now, on storage of its own; the tabs of the other are not in it. */
export function copyTestBrowser(browser: TestBrowser): TestBrowser {
  return {
    ...makeTestBrowser(),
    rows: structuredClone(browser.rows),
    slotBytes: structuredClone(browser.slotBytes),
  };
}

/** Opens a tab and starts a module in it. `fault` cuts its storage from the start; `refusal` is what opening the database throws. */
export async function openTab(
  browser: TestBrowser,
  agencyKey: Uint8Array,
  fault: Parameters<MemoryStore['setFault']>[0] = null,
  refusal: FareboxError | null = null,
): Promise<TestTab> {
  const store = makeMemoryStore(browser.rows);
  store.setFault(fault);
  const heldLocks = new Set<string>();
  const locks: Locks = {
    ...browser.locks,
    hold: (name) => {
      heldLocks.add(name);
      return browser.locks.hold(name);
    },
  };
  let hear: ((session: Parameters<Hints['announce']>[0]) => void) | null = null;
  const hints: Hints = {
    announce: (session) => {
      for (const listener of browser.hintListeners) if (listener !== hear) listener(session);
    },
    onHint: (listener) => {
      hear = listener;
      browser.hintListeners.add(listener);
    },
  };
  const outlet = makeEventOutlet();
  const events: ModuleEvent[] = [];
  let sink: TestSink | null = null;
  const module = await createModule({
    agencyKey,
    suite: webCryptoSuite,
    clock: browser.clock,
    random: randomBytes,
    storage: {
      openStore: async () => {
        if (refusal !== null) throw refusal;
        return store;
      },
      openSlots: async () => memorySlots(browser, store),
      locks,
    },
    hints,
    events: outlet,
    makeSink: ({ startMs }) => {
      sink = makeTestSink(startMs);
      return sink;
    },
    setVolume: () => undefined,
  });
  const port = makePagePort();
  module.connect(port.inside, { postMessage: (event: ModuleEvent) => void events.push(event) });

  return {
    store,
    events,
    outward: port.outward,
    post: port.post,
    sink: () => {
      if (sink === null) throw new Error('no session is active in this tab');
      return sink;
    },
    call: (name, argument) => port.call(name, argument),
    kill: () => {
      store.die();
      if (hear !== null) browser.hintListeners.delete(hear);
      for (const name of heldLocks) browser.locks.lose(name);
    },
  };
}

function memorySlots(browser: TestBrowser, store: MemoryStore): CheckpointSlots {
  return {
    read: () => store.guard(() => [browser.slotBytes[0], browser.slotBytes[1]] as const),
    write: (slot, bytes) =>
      store.guard(() => {
        browser.slotBytes[slot] = bytes.slice();
      }),
  };
}

function makeTestSink(startMs: number): TestSink {
  const frames = new Map<number, PreparedFrame>();
  const shown: number[] = [];
  let positionMs = startMs;
  return {
    frames,
    shown,
    accept: (frame) => void frames.set(frame.frame, frame),
    stop: async () => {
      const waiting = [...frames.values()];
      frames.clear();
      await Promise.allSettled(waiting.map((frame) => frame.withhold()));
    },
    play: () => undefined,
    pause: () => undefined,
    seek: (to) => {
      positionMs = to;
    },
    positionMs: () => positionMs,
  };
}

/** Draws a frame as the display does: counts it, and shows it only when that is durable. */
export async function showFrame(sink: TestSink, frame: number, late = false): Promise<void> {
  const prepared = sink.frames.get(frame);
  if (prepared === undefined) throw new Error(`frame ${frame} is not with the display`);
  sink.frames.delete(frame);
  await prepared.count({ late });
  sink.shown.push(frame);
}

type PagePort = {
  readonly inside: Parameters<Awaited<ReturnType<typeof createModule>>['connect']>[0];
  readonly outward: unknown[];
  post(message: unknown): void;
  call<Name extends CommandName>(name: Name, argument: object): Promise<Result<ReturnType<Commands[Name]>>>;
};

function makePagePort(): PagePort {
  const listeners = new Set<(event: MessageEvent) => void>();
  const waiting = new Map<string, (answer: never) => void>();
  const outward: unknown[] = [];
  let calls = 0;
  const post = (message: unknown) => {
    for (const listener of listeners) listener(new MessageEvent('message', { data: structuredClone(message) }));
  };
  return {
    outward,
    post,
    inside: {
      start: () => undefined,
      addEventListener: (_type: string, listener: (event: MessageEvent) => void) => void listeners.add(listener),
      removeEventListener: (_type: string, listener: (event: MessageEvent) => void) => void listeners.delete(listener),
      postMessage: (message: { readonly id: string; readonly value: never }) => {
        const answer = structuredClone(message);
        outward.push(answer);
        waiting.get(answer.id)?.(answer.value);
        waiting.delete(answer.id);
      },
    },
    call: (name, argument) => {
      calls += 1;
      const id = `call-${calls}`;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        post({ id, type: 'APPLY', path: [name], argumentList: [{ type: 'RAW', value: argument }] });
      });
    },
  };
}

/** The value of a result. @throws an Error that names the code. */
export function expectValue<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused with ${result.error.code} ${JSON.stringify(result.error.detail ?? {})}`);
  return result.value;
}

/** The code of a refusal, or null for an answer. */
export function codeOf(result: Result<unknown>): string | null {
  return result.ok ? null : result.error.code;
}
