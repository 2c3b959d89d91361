// Browsers for tests: storage, locks, hints and a person that tabs share, and tabs in which a whole module runs behind its gate. A tab can be
// cut at any storage call and killed; what is stored stays. The display is a stand-in that shows frames when the test says so.

import type { FareboxError } from '../../protocol/errors.ts';
import { webCryptoSuite } from '../../protocol/suite/webcrypto.ts';
import { makeAsking } from '../asking.ts';
import type { CommandName, Commands, Result } from '../commands.ts';
import { makeEventOutlet } from '../event-port.ts';
import type { ModuleEvent } from '../events.ts';
import type { ClearParts, FrameSink, PreparedFrame } from '../frame-gateway.ts';
import { createModule } from '../module.ts';
import type { CheckpointSlots } from '../store/checkpoint.ts';
import { decodeHint, type Hint, type Hints } from '../store/hints.ts';
import type { Locks } from '../store/locks.ts';
import { makeMemoryLocks } from '../store/testing/memory-locks.ts';
import { type MemoryRows, type MemoryStore, makeMemoryRows, makeMemoryStore } from '../store/testing/memory-store.ts';
import { makePagePort } from './page-port.ts';
import { makePerson, type Person } from './person.ts';
import { randomBytes } from './random.ts';
import { makeTestClock, type TestClock } from './test-clock.ts';

export { makeTestClock, type TestClock } from './test-clock.ts';

/** Storage, what tabs share, and who sits before them. */
export type TestBrowser = {
  readonly rows: MemoryRows;
  readonly slotBytes: [Uint8Array | null, Uint8Array | null];
  readonly clock: TestClock;
  readonly locks: ReturnType<typeof makeMemoryLocks>;
  readonly hintListeners: Set<(hint: Hint) => void>;
  readonly person: Person;
};

/** A frame that the stand-in display has and has not shown. */
export type TestSink = FrameSink & {
  readonly frames: Map<number, PreparedFrame>;
  readonly shown: number[];
  /** Parts that came later than their frame, and what was chosen and asked of the display, in order. */
  readonly supplements: { readonly frame: number; readonly parts: ClearParts }[];
  readonly chosen: (string | number | null)[];
  readonly sheets: { readonly sheet: number; readonly jpeg: Uint8Array | null }[];
  /** The display lacks these labels of any frame from here on. */
  lack(labels: readonly string[]): void;
  /** How often it was told that a live programme has more. */
  grown(): number;
  /** Says that play stood still for a frame, as the display does. */
  readonly noteStall: (frame: number, ms: number) => Promise<void>;
};

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
  /** The tab is gone: its storage calls fail, its locks are free, nobody hears it. */
  kill(): void;
};

/** Cheap enough for thousands of passphrases; the least that a stored slot may ask for. */
const TEST_PASSPHRASE_COST = { costLog2: 14, blockSize: 1, parallelism: 1 } as const;

/** A browser in which nothing was ever stored. */
export function makeTestBrowser(): TestBrowser {
  return {
    rows: makeMemoryRows(),
    slotBytes: [null, null],
    clock: makeTestClock(),
    locks: makeMemoryLocks(),
    hintListeners: new Set(),
    person: makePerson(),
  };
}

/** The same profile as it is now, checkpoint included, on storage of its own and with the same person; the tabs of the other are not in it. */
export function copyTestBrowser(browser: TestBrowser): TestBrowser {
  return {
    ...makeTestBrowser(),
    rows: structuredClone(browser.rows),
    slotBytes: structuredClone(browser.slotBytes),
    person: browser.person,
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
  const hints = connectHints(browser);
  const outlet = makeEventOutlet();
  const events: ModuleEvent[] = [];
  let sink: TestSink | null = null;
  const asking = makeAsking({
    emit: outlet.emit,
    clock: browser.clock,
    post: (message) => {
      if (message.type === 'ask') void putToPerson(message.number, message.question);
    },
  });
  async function putToPerson(number: number, question: Parameters<Person['answer']>[0]): Promise<void> {
    browser.person.asked.push(question);
    const answer = await browser.person.answer(structuredClone(question));
    // A tab that is gone hears it as well: it can store nothing any more, and whoever waits for it hears of its end.
    asking.answered(number, structuredClone(answer));
  }
  const module = await createModule({
    agencyKey,
    suite: webCryptoSuite,
    clock: browser.clock,
    random: randomBytes,
    ask: asking.ask,
    withdraw: asking.withdraw,
    passphraseCost: TEST_PASSPHRASE_COST,
    storage: {
      openStore: async () => {
        if (refusal !== null) throw refusal;
        return store;
      },
      openSlots: async () => memorySlots(browser, store),
      locks: holdingLocks(browser, heldLocks),
    },
    hints: hints.port,
    events: outlet,
    makeSink: ({ startMs, noteStall }) => {
      sink = { ...makeTestSink(startMs), noteStall };
      return sink;
    },
    display: { setVolume: () => undefined, setCaptionStyle: () => undefined },
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
      hints.leave();
      for (const name of heldLocks) browser.locks.lose(name);
    },
  };
}

/** A channel between the tabs: clones what is said, and gives it to the others as their port would read it. */
function connectHints(browser: TestBrowser): { readonly port: Hints; leave(): void } {
  let hear: ((hint: Hint) => void) | null = null;
  let hasLeft = false;
  return {
    port: {
      announce: (hint) => {
        if (hasLeft) return;
        const heard = decodeHint(structuredClone(hint));
        if (heard === null) throw new Error(`a hint that no tab would take: ${hint.kind}`);
        for (const listener of browser.hintListeners) if (listener !== hear) listener(heard);
      },
      onHint: (listener) => {
        hear = listener;
        browser.hintListeners.add(listener);
      },
    },
    leave: () => {
      hasLeft = true;
      if (hear !== null) browser.hintListeners.delete(hear);
    },
  };
}

/** The browser's locks, and which of them this tab holds for life. */
function holdingLocks(browser: TestBrowser, heldLocks: Set<string>): Locks {
  return {
    ...browser.locks,
    hold: (name) => {
      heldLocks.add(name);
      return browser.locks.hold(name);
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
    remove: () =>
      store.guard(() => {
        browser.slotBytes.fill(null);
      }),
  };
}

function makeTestSink(startMs: number): Omit<TestSink, 'noteStall'> {
  const frames = new Map<number, PreparedFrame>();
  const shown: number[] = [];
  const supplements: { frame: number; parts: ClearParts }[] = [];
  const chosen: (string | number | null)[] = [];
  const sheets: { sheet: number; jpeg: Uint8Array | null }[] = [];
  let lacking: readonly string[] = [];
  let grown = 0;
  let positionMs = startMs;
  return {
    frames,
    shown,
    supplements,
    chosen,
    sheets,
    accept: (frame) => void frames.set(frame.frame, frame),
    stop: async () => {
      const waiting = [...frames.values()];
      frames.clear();
      await Promise.allSettled(waiting.map((frame) => frame.withhold()));
    },
    play: () => undefined,
    pause: () => undefined,
    seek: async (to) => {
      positionMs = to;
    },
    lacks: () => lacking,
    supplement: (frame, parts) => void supplements.push({ frame, parts }),
    setSound: (label) => void chosen.push(label),
    setCaptions: (label) => void chosen.push(label),
    setRate: (rate) => void chosen.push(rate),
    preview: (to, at) => void chosen.push(to, at),
    takeSheet: (sheet, jpeg) => void sheets.push({ sheet, jpeg }),
    lack: (labels) => {
      lacking = labels;
    },
    positionMs: () => positionMs,
    grew: () => {
      grown += 1;
    },
    grown: () => grown,
  };
}

/** Draws a frame as the display does: counts it, and shows it only when that is durable. */
export async function showFrame(sink: Pick<TestSink, 'frames' | 'shown'>, frame: number, late = false): Promise<void> {
  const prepared = sink.frames.get(frame);
  if (prepared === undefined) throw new Error(`frame ${frame} is not with the display`);
  sink.frames.delete(frame);
  await prepared.count({ late });
  sink.shown.push(frame);
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
