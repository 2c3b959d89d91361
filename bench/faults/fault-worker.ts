// The real module in a worker of the fault page, on the browser's own storage and locks, with two things in place of its own: a sink that
// shows a frame when the page says so, and points (points.ts) at one of which the worker stands still until it is ended. Nothing of the
// module knows of either.
import { toErrorData } from '../../src/protocol/errors.ts';
import { webCryptoSuite } from '../../src/protocol/suite/webcrypto.ts';
import type { Clock } from '../../src/worker-module/clock.ts';
import { makeEventOutlet } from '../../src/worker-module/event-port.ts';
import type { FrameSink, PreparedFrame } from '../../src/worker-module/frame-gateway.ts';
import type { SurfaceAnswer } from '../../src/worker-module/frame-messages.ts';
import { createModule } from '../../src/worker-module/module.ts';
import { openBroadcastHints } from '../../src/worker-module/store/hints.ts';
import { openIndexedDbStore } from '../../src/worker-module/store/indexed-db.ts';
import { openWebLocks } from '../../src/worker-module/store/locks.ts';
import { openOpfsSlots } from '../../src/worker-module/store/opfs-slots.ts';
import type { FromFaultWorker, ToFaultWorker } from './messages.ts';
import { pointedPort, pointedSlots, pointedStore } from './points.ts';

type Start = Extract<ToFaultWorker, { type: 'start' }>;

/** A passphrase costs half a second for a person; here it is tried again and again. The least that a stored slot may ask for. */
const CHEAP_COST = { costLog2: 14, blockSize: 1, parallelism: 1 };
const post = (message: FromFaultWorker): void => self.postMessage(message);
const frames = new Map<number, PreparedFrame>();
const questions = new Map<number, (answer: SurfaceAnswer) => void>();

/** Counts the points, stands still while the page holds this worker, and for good at the one that it was told. */
function makePoint({ cutAt, hold }: Start): (name: string) => void {
  let passed = 0;
  return (name) => {
    passed += 1;
    if (passed === cutAt) {
      post({ type: 'cut', name });
      // Only its end gets a worker out of here: nothing that it has begun goes on, as after a kill.
      for (;;);
    }
    post({ type: 'passed', name });
    if (hold !== null) while (Atomics.load(hold, 0) === 1) Atomics.wait(hold, 0, 1);
  };
}

function makeSink(): FrameSink {
  return {
    accept: (frame) => {
      frames.set(frame.frame, frame);
      post({ type: 'waiting', frame: frame.frame });
    },
    stop: async () => {
      await Promise.allSettled([...frames.keys()].map((frame) => settle(frame, false)));
    },
    play: () => undefined,
    pause: () => undefined,
    seek: () => Promise.resolve(),
    lacks: () => [],
    supplement: () => undefined,
    setSound: () => undefined,
    setCaptions: () => undefined,
    setRate: () => undefined,
    preview: () => undefined,
    takeSheet: () => undefined,
    grew: () => undefined,
    positionMs: () => 0,
  };
}

async function settle(frame: number, shown: boolean): Promise<void> {
  const prepared = frames.get(frame);
  frames.delete(frame);
  try {
    if (shown) await prepared?.count({ late: false });
    else await prepared?.withhold();
    post({ type: 'settled', frame, shown: shown && prepared !== undefined, code: null });
  } catch (error) {
    post({ type: 'settled', frame, shown: false, code: toErrorData(error).code });
  }
}

function clockOf(offsetMs: number): Clock {
  return {
    now: () => Date.now() + offsetMs,
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  };
}

async function start(message: Start): Promise<void> {
  const point = makePoint(message);
  let asked = 0;
  const module = await createModule({
    agencyKey: message.agencyKey,
    suite: webCryptoSuite,
    clock: clockOf(message.clockOffsetMs),
    random: (lengthBytes) => crypto.getRandomValues(new Uint8Array(lengthBytes)),
    storage: {
      openStore: async () => pointedStore(await openIndexedDbStore(), point),
      openSlots: async () => pointedSlots(await openOpfsSlots(), point),
      locks: openWebLocks(),
    },
    hints: openBroadcastHints(),
    events: makeEventOutlet(),
    withdraw: () => undefined,
    passphraseCost: CHEAP_COST,
    ask: (question) => {
      asked += 1;
      const number = asked;
      point('question: before');
      post({ type: 'ask', number, question });
      return new Promise((resolve) => {
        questions.set(number, (answer) => {
          point('question: answered');
          resolve(answer);
        });
      });
    },
    makeSink,
    display: { setVolume: () => undefined, setCaptionStyle: () => undefined },
  });
  module.connect(pointedPort(message.commandPort, point), {
    postMessage: (event) => {
      point('event: before');
      message.eventPort.postMessage(event);
    },
  });
  post({ type: 'started' });
}

self.onmessage = ({ data }: MessageEvent<ToFaultWorker>) => {
  switch (data.type) {
    case 'start':
      void start(data);
      return;
    case 'answered':
      questions.get(data.number)?.(data.answer);
      questions.delete(data.number);
      return;
    case 'sync':
      post({ type: 'synced' });
      return;
    case 'show':
    case 'withhold':
      void settle(data.frame, data.type === 'show');
      return;
  }
};
