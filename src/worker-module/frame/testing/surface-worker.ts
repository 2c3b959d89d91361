// The worker of the surface's check, in the place of the module's: asks the frame what the test says, and hands the answers on.
// Everything between the question and the press is the product's own frame.

import type { FrameToWorker, WorkerToFrame } from '../../frame-messages.ts';
import type { FromSurfaceWorker, ToSurfaceWorker } from './surface-protocol.ts';

const LOCK_NAME = `farebox-surface-${crypto.randomUUID()}`;

const post = (message: WorkerToFrame) => self.postMessage(message);
let test: MessagePort | null = null;

/** Holds the lock for as long as this worker lives. */
function start(): void {
  navigator.locks
    .request(LOCK_NAME, () => {
      post({ type: 'started', lockName: LOCK_NAME });
      return new Promise<never>(() => {});
    })
    .catch((thrown: unknown) => {
      throw thrown;
    });
}

function take({ data: message }: MessageEvent<ToSurfaceWorker>): void {
  if (message.type === 'die') self.close();
  else post(message);
}

self.onmessage = ({ data: message }: MessageEvent<FrameToWorker>) => {
  if (message.type === 'start') start();
  else if (message.type === 'ping') post({ type: 'pong', number: message.number });
  else if (message.type === 'connect') {
    test = message.commandPort;
    test.onmessage = take;
  } else if (message.type === 'answered') {
    test?.postMessage({ number: message.number, answer: message.answer } satisfies FromSurfaceWorker);
  }
};
