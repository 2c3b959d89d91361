// The bench's page as a terminal: starts the module in its worker, enrols it with the synthetic provider, opens a session and delivers its
// frames over the command port, through gate and Comlink. What is timed is the time from the first delivery to the last durable count.
import { transfer, wrap } from 'comlink';
import type { CommandName, Commands, Result } from '../../src/worker-module/commands.ts';
import type { DecryptLoad, ModuleMeasurement } from './messages.ts';
import type { FromModuleWorker, ToModuleWorker } from './module-messages.ts';
import { makeSyntheticProvider, PART_LABEL } from './synthetic-provider.ts';

type Remote = { [Name in CommandName]: (argument: object) => Promise<Result<ReturnType<Commands[Name]>>> };

/** Small enough that decryption costs nothing beside the commit. */
const RECORD_PART_BYTES = 1024;
/** Entries before those that are measured. */
const RECORD_WARM_UP_PARTS = 8;

/** Runs one measurement against a module that is started for it; its store is the browser's and goes on from the last one. */
export async function measureModule(measurement: ModuleMeasurement): Promise<readonly number[]> {
  const worker = makeModuleWorker();
  try {
    if (measurement.kind === 'module-record') {
      const load = {
        warmUpParts: RECORD_WARM_UP_PARTS,
        parts: measurement.entries,
        partBytes: RECORD_PART_BYTES,
        inFlight: 1,
      };
      return (await deliverAll(worker, load)).countMs;
    }
    const { parts, partBytes } = measurement.load;
    const { tookMs } = await deliverAll(worker, measurement.load);
    return [(parts * partBytes * 1000) / tookMs];
  } finally {
    worker.terminate();
  }
}

/** Milliseconds from the making of a worker to its `started`, for each of so many starts on what is stored. */
export async function measureStarts(starts: number): Promise<readonly number[]> {
  const { agencyKey } = await provider;
  const tookMs: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    const startedMs = performance.now();
    const worker = makeModuleWorker();
    await connect(worker, agencyKey);
    tookMs.push(performance.now() - startedMs);
    worker.terminate();
  }
  return tookMs;
}

/** The module's worker, not started yet. */
export function makeModuleWorker(): Worker {
  return new Worker(new URL('./module-worker.ts', import.meta.url), { type: 'module' });
}

/** One provider for all measurements of this page: the module's store remembers its agency. */
export const provider = makeSyntheticProvider();

/** Delivers every frame of a new session, at most `inFlight` at once; a frame is done when it is counted. The first are not timed. */
async function deliverAll(worker: Worker, { warmUpParts, parts, partBytes, inFlight }: DecryptLoad) {
  const frames = warmUpParts + parts;
  const { agencyKey, enrol, makeSession } = await provider;
  const counts = awaitCounts(worker, frames);
  const module = await connect(worker, agencyKey);
  const certificate =
    take(await module.status({})).certificate ?? (await enrol(take(await module.enrolmentRequest({})).request));
  take(await module.acceptCertificate({ certificate }));
  const { sealedParts, session, ...papers } = await makeSession(certificate, frames, partBytes);
  take(await module.openSession(papers));

  let next = 0;
  const deliverOne = async (frame: number): Promise<void> => {
    const sealed = sealedParts[frame];
    if (sealed === undefined) throw new Error(`frame ${frame} was not made`);
    const argument = { session, frame, parts: [{ label: PART_LABEL, sealed }] };
    take(await module.deliver(transfer(argument, [sealed])));
    await counts[frame]?.promise;
  };
  const deliverUpTo = async (end: number): Promise<void> => {
    const lane = async (): Promise<void> => {
      while (next < end) await deliverOne(next++);
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
  };
  await deliverUpTo(warmUpParts);
  const startedMs = performance.now();
  await deliverUpTo(frames);
  const tookMs = performance.now() - startedMs;
  return { tookMs, countMs: await Promise.all(counts.slice(warmUpParts).map(({ promise }) => promise)) };
}

/** Hands the worker what the frame hands it in the product, and answers the page's end of the command port. */
export async function connect(worker: Worker, agencyKey: Uint8Array, words: readonly string[] = []): Promise<Remote> {
  const started = new Promise<void>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<FromModuleWorker>) => {
      if (data.type === 'started') resolve();
    });
    worker.addEventListener('error', (event) => reject(new Error(event.message)));
  });
  const commands = new MessageChannel();
  const events = new MessageChannel();
  const ports = { commandPort: commands.port2, eventPort: events.port2 };
  const start: ToModuleWorker = { type: 'start', agencyKey, words, ...ports };
  worker.postMessage(start, [commands.port2, events.port2]);
  await started;
  return wrap<Remote>(commands.port1);
}

/** One promise a frame, kept when the worker says that it is counted, with the milliseconds its entry took. */
function awaitCounts(worker: Worker, frames: number): readonly PromiseWithResolvers<number>[] {
  const counts = Array.from({ length: frames }, () => Promise.withResolvers<number>());
  worker.addEventListener('message', ({ data }: MessageEvent<FromModuleWorker>) => {
    if (data.type === 'counted') counts[data.frame]?.resolve(data.tookMs);
  });
  return counts;
}

/** The value of an answer. @throws where the module refused. */
export function take<T>(result: Result<T>): T {
  if (!result.ok)
    throw new Error(`the module refused: ${result.error.code} ${JSON.stringify(result.error.detail ?? {})}`);
  return result.value;
}
