// The module in a worker of the bench's page: the real one, on the browser's own storage and locks, but for its display, in whose place a
// sink counts each frame as soon as it is prepared and throws the clear bytes away. Started by module-host.ts.
import { webCryptoSuite } from '../../src/protocol/suite/webcrypto.ts';
import { systemClock } from '../../src/worker-module/clock.ts';
import { makeEventOutlet } from '../../src/worker-module/event-port.ts';
import type { FrameSink, PreparedFrame } from '../../src/worker-module/frame-gateway.ts';
import { PASSPHRASE_COST } from '../../src/worker-module/limits.ts';
import { createModule } from '../../src/worker-module/module.ts';
import { openBroadcastHints } from '../../src/worker-module/store/hints.ts';
import { openIndexedDbStore } from '../../src/worker-module/store/indexed-db.ts';
import { openWebLocks } from '../../src/worker-module/store/locks.ts';
import { openOpfsSlots } from '../../src/worker-module/store/opfs-slots.ts';
import type { FromModuleWorker, ToModuleWorker } from './module-messages.ts';

const post = (message: FromModuleWorker): void => self.postMessage(message);

async function count(frame: PreparedFrame): Promise<void> {
  const startedMs = performance.now();
  await frame.count({ late: false });
  post({ type: 'counted', frame: frame.frame, tookMs: performance.now() - startedMs });
}

/** Nothing is held back here, so that there is nothing to stop, hold or move. */
const discardingSink: FrameSink = {
  accept: (frame) => void count(frame),
  stop: () => Promise.resolve(),
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

self.onmessage = async ({ data }: MessageEvent<ToModuleWorker>) => {
  const module = await createModule({
    agencyKey: data.agencyKey,
    suite: webCryptoSuite,
    clock: systemClock,
    random: (lengthBytes) => crypto.getRandomValues(new Uint8Array(lengthBytes)),
    storage: { openStore: openIndexedDbStore, openSlots: openOpfsSlots, locks: openWebLocks() },
    hints: openBroadcastHints(),
    events: makeEventOutlet(),
    withdraw: () => undefined,
    passphraseCost: PASSPHRASE_COST,
    ask: async ({ kind }) => (kind === 'ask-words' ? { kind: 'words', words: data.words } : { kind: 'approved' }),
    makeSink: () => discardingSink,
    display: { setVolume: () => undefined, setCaptionStyle: () => undefined },
  });
  module.connect(data.commandPort, data.eventPort);
  post({ type: 'started' });
};
