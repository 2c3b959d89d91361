// A long programme played fast, as a terminal plays one: the module in its own worker with its own display, asked for a session, given each
// frame that it wants, played to the end. Called by the bench `memory`, which looks at the worker's heap meanwhile.
import { transfer, wrap } from 'comlink';
import type { CommandName, Commands, Result } from '../../src/worker-module/commands.ts';
import type { ModuleEvent } from '../../src/worker-module/events.ts';
import type { FrameToWorker, WorkerToFrame } from '../../src/worker-module/frame-messages.ts';
import { provider, take } from './module-host.ts';
import { type Film, PART_LABEL } from './synthetic-provider.ts';

/** What to play. Bytes are base64. */
export type FastPlay = {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly init: string;
  /** Segments of the film, played again and again, and where in each its first picture's time stands (64 bits, `timescale` a second). */
  readonly segments: readonly { readonly bytes: string; readonly timeAt: number }[];
  readonly timescale: number;
  /** Frames of two seconds. */
  readonly frames: number;
  readonly timesFaster: number;
};

/** A play that goes on. */
export type FastPlaying = {
  /** Where it is, milliseconds of the programme. */
  positionMs(): number;
  /** The first thing that went wrong, or null. */
  trouble(): string | null;
};

type Remote = { [Name in CommandName]: (argument: object) => Promise<Result<ReturnType<Commands[Name]>>> };

declare global {
  interface Window {
    fastPlay(order: FastPlay): Promise<void>;
    /** Of the play that was started last. */
    fastPlaying?: FastPlaying;
  }
}

const FRAME_SECONDS = 2;

/** Starts it; resolves when it plays. */
export async function startFastPlay(order: FastPlay): Promise<void> {
  const { agencyKey, enrol, makeSession } = await provider;
  const worker = new Worker(new URL('./fast-worker.ts', import.meta.url), {
    type: 'module',
    name: String(order.timesFaster),
  });
  await heardFrom(worker, 'loaded');
  const canvas = document.body.appendChild(document.createElement('canvas')).transferControlToOffscreen();
  const tell = (message: FrameToWorker, moved: Transferable[] = []): void => worker.postMessage(message, moved);
  worker.addEventListener('message', ({ data }: MessageEvent<WorkerToFrame>) => {
    if (data.type === 'ask') tell({ type: 'answered', number: data.number, answer: { kind: 'approved' } });
    if (data.type === 'sound-open') tell({ type: 'sound-absent' });
  });
  const started = heardFrom(worker, 'started');
  tell({ type: 'start', agencyKey, screen: { kind: 'canvas', canvas } }, [canvas]);
  await started;
  const commands = new MessageChannel();
  const events = new MessageChannel();
  const ports = { commandPort: commands.port2, eventPort: events.port2 };
  tell({ type: 'connect', ...ports }, [commands.port2, events.port2]);
  const module = wrap<Remote>(commands.port1);

  const enrolment = take(await module.enrolmentRequest({}));
  const certificate = await enrol(enrolment.request);
  take(await module.acceptCertificate({ certificate }));
  const { sealedParts, session, ...papers } = await makeSession(certificate, order.frames, filmOf(order));
  let positionMs = 0;
  let trouble: string | null = null;
  const handed = new Set<number>();
  const deliver = async (frame: number): Promise<void> => {
    const sealed = sealedParts[frame];
    if (sealed === undefined || handed.has(frame)) return;
    handed.add(frame);
    take(await module.deliver(transfer({ session, frame, parts: [{ label: PART_LABEL, sealed }] }, [sealed])));
  };
  events.port1.onmessage = ({ data }: MessageEvent<ModuleEvent>) => {
    if (data.type === 'display') positionMs = data.positionMs;
    if (data.type === 'failed') trouble ??= data.code;
    if (data.type !== 'wanted') return;
    for (const frame of data.frames) deliver(frame).catch((thrown: unknown) => (trouble ??= String(thrown)));
  };
  window.fastPlaying = { positionMs: () => positionMs, trouble: () => trouble };
  take(await module.openSession(papers));
  take(await module.play({ session }));
}

function heardFrom(worker: Worker, type: string): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<{ readonly type: string }>) => {
      if (data.type === type) resolve();
    });
    worker.addEventListener('error', (event) => reject(new Error(event.message)));
  });
}

function filmOf({ segments, timescale, init, ...form }: FastPlay): Film {
  const clear = segments.map(({ bytes, timeAt }) => ({ bytes: Uint8Array.fromBase64(bytes), timeAt }));
  return {
    ...form,
    init: Uint8Array.fromBase64(init),
    segmentOf(frame) {
      const segment = clear[frame % clear.length];
      if (segment === undefined) throw new Error('a film has at least one segment');
      const own = Uint8Array.from(segment.bytes);
      new DataView(own.buffer).setBigUint64(segment.timeAt, BigInt(frame * FRAME_SECONDS * timescale));
      return own;
    },
  };
}
