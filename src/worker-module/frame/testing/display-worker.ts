// The worker of the display's test page: the product's display over a source of clear frames, and a log of what was
// counted, withheld and drawn. Only the record behind `count` and `withhold` is left out.

import { createDisplay, type Display } from '../../display/display.ts';
import type { ModuleEvent } from '../../events.ts';
import type { FrameSink, PreparedFrame } from '../../frame-gateway.ts';
import { SLOT_MS } from './clip-shape.ts';
import type { DrawnPicture, FromDisplayWorker, SourceRules, ToDisplayWorker } from './display-protocol.ts';

const drawn: DrawnPicture[] = [];
const counted: { frame: number; late: boolean; atMs: number }[] = [];
const withheld: number[] = [];
const events: ModuleEvent[] = [];
const delivered = new Set<number>();

let display: Display | null = null;
let sink: FrameSink | null = null;
let heldBack: readonly number[] = [];
let lastWanted: readonly number[] = [];
let deliver: (frame: number) => void = () => {};

const post = (message: FromDisplayWorker) => self.postMessage(message);

// Sees what really reaches the screen, whichever it is, and that it was counted by then.
function noteDrawn(picture: VideoFrame): void {
  const pictureMs = picture.timestamp / 1000;
  const frame = Math.floor((pictureMs + 1) / SLOT_MS);
  const isCounted = counted.some((entry) => entry.frame === frame);
  drawn.push({ atMs: performance.now(), pictureMs, width: picture.displayWidth, counted: isCounted });
}
const write = WritableStreamDefaultWriter.prototype.write;
WritableStreamDefaultWriter.prototype.write = function (this: WritableStreamDefaultWriter, chunk?: unknown) {
  if (chunk instanceof VideoFrame) noteDrawn(chunk);
  return Reflect.apply(write, this, [chunk]);
};
const drawImage = OffscreenCanvasRenderingContext2D.prototype.drawImage;
OffscreenCanvasRenderingContext2D.prototype.drawImage = function (
  this: OffscreenCanvasRenderingContext2D,
  ...args: unknown[]
) {
  const [picture] = args;
  if (picture instanceof VideoFrame) noteDrawn(picture);
  return Reflect.apply(drawImage, this, args);
};

function deliverWanted(): void {
  for (const frame of lastWanted) if (!heldBack.includes(frame)) deliver(frame);
}

function makeDelivery(
  segments: ReadonlyMap<string, readonly Uint8Array[]>,
  rules: SourceRules,
): (frame: number) => void {
  return (frame) => {
    if (delivered.has(frame)) return;
    delivered.add(frame);
    const rung = rules.rungs[frame] ?? 'video/360p';
    const parts = new Map<string, Uint8Array>();
    for (const label of [rung, 'audio/main']) {
      const segment = segments.get(label)?.[frame];
      if (segment !== undefined) parts.set(label, segment.slice());
    }
    if (rules.spoilt.includes(frame)) parts.get(rung)?.fill(0x5a, 8);
    const prepared: PreparedFrame = {
      frame,
      rung,
      parts,
      replay: false,
      count: async ({ late }) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        counted.push({ frame, late, atMs: performance.now() });
      },
      withhold: async () => {
        delivered.delete(frame);
        withheld.push(frame);
      },
    };
    sink?.accept(prepared);
  };
}

function take(event: ModuleEvent): void {
  events.push(event);
  if (event.type !== 'wanted') return;
  lastWanted = event.frames;
  // As the host does: the answer comes in a later task.
  setTimeout(deliverWanted, 0);
}

async function act(message: Extract<ToDisplayWorker, { type: 'act' | 'seek' | 'release' }>): Promise<void> {
  if (message.type === 'seek') {
    delivered.clear();
    // The answer is the log at this moment, not that of the place.
    void sink?.seek(message.positionMs);
  } else if (message.type === 'release') {
    heldBack = [];
    deliverWanted();
  } else if (message.name === 'play') sink?.play();
  else if (message.name === 'pause') sink?.pause();
  else if (message.name === 'stop') await sink?.stop();
  post({
    type: 'answer',
    request: message.request,
    log: { drawn, counted, withheld, events },
    positionMs: sink?.positionMs() ?? 0,
  });
}

self.onmessage = (event: MessageEvent<ToDisplayWorker>) => {
  const message = event.data;
  if (message.type === 'start') {
    display = createDisplay({ screen: message.screen, post, emit: take });
  } else if (message.type === 'open') {
    heldBack = message.rules.withhold;
    deliver = makeDelivery(message.segments, message.rules);
    const noteStall = async () => undefined;
    sink = display?.makeSink({ session: 'test', ...message, noteStall }) ?? null;
  } else if (message.type === 'act' || message.type === 'seek' || message.type === 'release') {
    act(message).catch((thrown: unknown) => {
      throw thrown;
    });
  } else {
    display?.takeSound(message);
  }
};
