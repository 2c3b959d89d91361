// The secure module's worker: puts the module and its display together from the browser's own storage, locks and randomness,
// and answers its frame. It has no logic of its own, and posts to the frame nothing but the messages of frame-messages.ts.

import { toErrorData } from '../protocol/errors.ts';
import { webCryptoSuite } from '../protocol/suite/webcrypto.ts';
import { type Asking, makeAsking } from './asking.ts';
import { systemClock } from './clock.ts';
import { createDisplay, type Display } from './display/display.ts';
import { makeEventOutlet } from './event-port.ts';
import type { FrameToWorker, WorkerToFrame } from './frame-messages.ts';
import { PASSPHRASE_COST } from './limits.ts';
import { createModule, type Module } from './module.ts';
import { openBroadcastHints } from './store/hints.ts';
import { openIndexedDbStore } from './store/indexed-db.ts';
import { openWebLocks } from './store/locks.ts';
import { openOpfsSlots } from './store/opfs-slots.ts';

type StartMessage = Extract<FrameToWorker, { type: 'start' }>;
type ConnectMessage = Extract<FrameToWorker, { type: 'connect' }>;

const post = (message: WorkerToFrame, transfer: Transferable[] = []) => self.postMessage(message, transfer);

let asking: Asking | null = null;
let display: Display | null = null;
let module: Module | null = null;
let connected: ConnectMessage | null = null;

async function start({ agencyKey, screen }: StartMessage): Promise<void> {
  const locks = openWebLocks();
  const lockName = `farebox-worker-${crypto.randomUUID()}`;
  await locks.hold(lockName);
  const events = makeEventOutlet();
  const made = createDisplay({ screen, post, emit: events.emit });
  display = made;
  asking = makeAsking({ post, emit: events.emit, clock: systemClock });
  const { ask, withdraw } = asking;
  module = await createModule({
    agencyKey,
    suite: webCryptoSuite,
    clock: systemClock,
    random: (lengthBytes) => crypto.getRandomValues(new Uint8Array(lengthBytes)),
    storage: { openStore: openIndexedDbStore, openSlots: openOpfsSlots, locks },
    hints: openBroadcastHints(),
    events,
    ask,
    withdraw,
    passphraseCost: PASSPHRASE_COST,
    makeSink: made.makeSink,
    display: made,
  });
  post({ type: 'started', lockName });
}

function connect(message: ConnectMessage): void {
  module?.connect(message.commandPort, message.eventPort);
  // One live connection: the page that was connected before is not served any more.
  connected?.commandPort.close();
  connected?.eventPort.close();
  connected = message;
}

self.onmessage = ({ data: message }: MessageEvent<FrameToWorker>) => {
  switch (message.type) {
    case 'start':
      start(message).catch((thrown: unknown) => post({ type: 'start-failed', code: toErrorData(thrown).code }));
      return;
    case 'connect':
      connect(message);
      return;
    case 'ping':
      post({ type: 'pong', number: message.number });
      return;
    case 'answered':
      asking?.answered(message.number, message.answer);
      return;
    case 'sound-opened':
    case 'sound-absent':
    case 'sound-clock':
      display?.takeSound(message);
      return;
  }
};
