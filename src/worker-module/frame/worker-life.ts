// One worker after another: starts it with a screen, the sound device and the way to the person, watches it, and on death starts the next.
// The record is in the worker's own storage, so a new worker goes on from its journal; the frame keeps nothing for it.

import type { FareboxErrorCode } from '../../protocol/errors.ts';
import type { FrameToWorker, WorkerToFrame } from '../frame-messages.ts';
import { makePerson, type Person } from './asking/person.ts';
import { makeCaptionLayer } from './captions.ts';
import { type DeathWatch, watchForDeath } from './death-watch.ts';
import { FRAME_LIMITS } from './frame-limits.ts';
import type { HostPorts } from './host-link.ts';
import { makeModuleWorker } from './module-worker.ts';
import { makePictureScreen } from './picture-screen.ts';
import { makePreviewLayer } from './preview.ts';
import { makeSoundOutput, type SoundOutput } from './sound-output.ts';

/** The worker there is now, whichever it is. */
export type WorkerLife = { connect(ports: HostPorts): void };

type Life = {
  readonly worker: Worker;
  readonly watch: DeathWatch;
  readonly sound: SoundOutput;
  readonly person: Person;
  started: boolean;
};

/** Starts the first worker. `onReady`: it runs and takes connections; `onDeath`: it is gone and the next one is on its way. */
export function keepWorkerAlive(
  agencyKey: Uint8Array,
  onReady: () => void,
  onDeath: (code: FareboxErrorCode) => void,
): WorkerLife {
  let life: Life | null = null;
  let deathsInARow = 0;

  const start = () => {
    const bornAtMs = performance.now();
    const post = (message: FrameToWorker, transfer: Transferable[] = []) => worker.postMessage(message, transfer);
    const end = (code: FareboxErrorCode) => {
      if (life?.worker !== worker) return;
      life = null;
      watch.end();
      sound.close();
      person.askNoMore();
      captions.remove();
      preview.remove();
      worker.terminate();
      deathsInARow = performance.now() - bornAtMs > FRAME_LIMITS.healthyAfterMs ? 0 : deathsInARow + 1;
      const delays = FRAME_LIMITS.restartDelaysMs;
      setTimeout(start, delays[Math.min(Math.max(0, deathsInARow - 1), delays.length - 1)]);
      onDeath(code);
    };
    const take = (message: WorkerToFrame) => {
      switch (message.type) {
        case 'started':
          watch.started(message.lockName);
          current.started = true;
          onReady();
          return;
        case 'pong':
          watch.answered(message.number);
          return;
        case 'sound-open':
          sound.open(message.sampleRateHz);
          return;
        case 'sound-rest':
          sound.rest();
          return;
        case 'volume':
          sound.setVolume(message.volume, message.muted);
          return;
        case 'ask':
          person.ask(message.number, message.question);
          return;
        case 'ask-no-more':
          person.askNoMore();
          return;
        case 'captions':
          captions.show(message);
          return;
        case 'caption-style':
          captions.style(message.style);
          return;
        case 'preview':
          preview.show(message.picture, message.at);
          return;
        case 'preview-at':
          preview.move(message.at);
          return;
        case 'start-failed':
          end(message.code);
          return;
      }
    };
    const worker = makeModuleWorker(take, () => end('module/dead'));
    const sound = makeSoundOutput(post);
    const captions = makeCaptionLayer(document);
    const preview = makePreviewLayer(document);
    const person = makePerson((number, answer, transfer) => post({ type: 'answered', number, answer }, transfer));
    const watch = watchForDeath((number) => post({ type: 'ping', number }), end);
    const current: Life = { worker, watch, sound, person, started: false };
    life = current;
    const { screen, transfer } = makePictureScreen(document);
    post({ type: 'start', agencyKey, screen }, transfer);
  };
  start();

  return {
    connect(ports) {
      // A page that connects before `ready` or after a death gets no answer; it connects anew when it is told to.
      if (life?.started !== true) return;
      life.worker.postMessage({ type: 'connect', ...ports } satisfies FrameToWorker, [
        ports.commandPort,
        ports.eventPort,
      ]);
    },
  };
}
