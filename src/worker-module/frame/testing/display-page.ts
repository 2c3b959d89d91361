// The document of the display's check: the product's screen and sound output, and a few calls for the test to steer by.

import { makePictureScreen } from '../picture-screen.ts';
import { makeSoundOutput } from '../sound-output.ts';
import { type CodedPart, decodeClip } from './clip-manifest.ts';
import { NUMBER_BITS } from './clip-shape.ts';
import type { DisplayLog, FromDisplayWorker, SourceRules, ToDisplayWorker } from './display-protocol.ts';
import displayWorkerUrl from './display-worker.ts?worker&url';

type Answer = { readonly log: DisplayLog; readonly positionMs: number };

/** What the test calls in the page. */
export type DisplayUnderTest = {
  open(clip: readonly CodedPart[], startMs: number, rules: SourceRules): void;
  act(name: 'play' | 'pause' | 'stop' | 'log'): Promise<Answer>;
  seek(positionMs: number): Promise<Answer>;
  release(): Promise<Answer>;
  /** Number that the picture on the screen spells, or null where it is blank. */
  readPicture(): number | null;
};

declare global {
  interface Window {
    displayUnderTest: DisplayUnderTest;
  }
}

const worker = new Worker(displayWorkerUrl, { type: 'module' });
const post = (message: ToDisplayWorker, transfer: Transferable[] = []) => worker.postMessage(message, transfer);
const sound = makeSoundOutput((message, transfer) => {
  if (message.type === 'sound-absent' || message.type === 'sound-clock' || message.type === 'sound-opened') {
    post(message, transfer);
  }
});
let soundless = false;
const answers = new Map<number, (answer: Answer) => void>();
let requests = 0;

worker.onmessage = (event: MessageEvent<FromDisplayWorker>) => {
  const message = event.data;
  if (message.type === 'sound-open' && soundless) post({ type: 'sound-absent' });
  else if (message.type === 'sound-open') sound.open(message.sampleRateHz);
  else if (message.type === 'sound-rest') sound.rest();
  else if (message.type === 'volume') sound.setVolume(message.volume, message.muted);
  else if (message.type === 'answer') answers.get(message.request)?.(message);
};

const { screen, transfer } = makePictureScreen(document);
post({ type: 'start', screen }, transfer);

function ask(make: (request: number) => ToDisplayWorker): Promise<Answer> {
  requests += 1;
  const request = requests;
  return new Promise((resolve) => {
    answers.set(request, resolve);
    post(make(request));
  });
}

function readPicture(): number | null {
  const shown = document.querySelector('.picture');
  if (!(shown instanceof HTMLVideoElement || shown instanceof HTMLCanvasElement)) return null;
  const isVideo = shown instanceof HTMLVideoElement;
  const copy = document.createElement('canvas');
  copy.width = isVideo ? shown.videoWidth : shown.width;
  copy.height = isVideo ? shown.videoHeight : shown.height;
  const context = copy.getContext('2d', { willReadFrequently: true });
  if (context === null) return null;
  context.drawImage(shown, 0, 0);
  const cell = Math.floor(copy.width / NUMBER_BITS);
  let number = 0;
  for (let bit = 0; bit < NUMBER_BITS; bit++) {
    const [red = 0, , , alpha = 0] = context.getImageData(bit * cell + cell / 2, copy.height / 4, 1, 1).data;
    if (alpha === 0) return null;
    number = number * 2 + (red > 127 ? 1 : 0);
  }
  return number;
}

window.displayUnderTest = {
  open(clip, startMs, rules) {
    const { manifest, segments } = decodeClip(clip);
    soundless = rules.soundless;
    post({ type: 'open', manifest, segments, startMs, rules });
  },
  act: (name) => ask((request) => ({ type: 'act', name, request })),
  seek: (positionMs) => ask((request) => ({ type: 'seek', positionMs, request })),
  release: () => ask((request) => ({ type: 'release', request })),
  readPicture,
};
