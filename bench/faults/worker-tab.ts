// A tab of the fault page: the real module in a worker, spoken to as the module's frame and a terminal speak to it. Ending the worker is
// the kill; what it had made durable is all that the next one finds.
import { type Remote, wrap } from 'comlink';
import type { CommandName, Commands, Result } from '../../src/worker-module/commands.ts';
import type { ModuleEvent } from '../../src/worker-module/events.ts';
import type { SurfaceAnswer, SurfaceQuestion } from '../../src/worker-module/frame-messages.ts';
import type { Showing } from '../../src/worker-module/testing/walk/world.ts';
import type { FromFaultWorker, ToFaultWorker } from './messages.ts';

/** What a tab is opened with. */
export type TabSettings = {
  /** 32 bytes, Ed25519. */
  readonly agencyKey: Uint8Array;
  readonly clockOffsetMs: number;
  readonly cutAt: number | null;
  readonly hold: Int32Array | null;
  /** Answers what the module asks the person. */
  readonly answer: (question: SurfaceQuestion) => SurfaceAnswer;
};

/** Rejected with this when the worker was cut while it worked. */
export class TabCut extends Error {}

/** A module in its worker. */
export type WorkerTab = {
  /** @throws TabCut */
  call<Name extends CommandName>(
    name: Name,
    argument: Parameters<Commands[Name]>[0],
  ): Promise<Result<ReturnType<Commands[Name]>>>;
  /** Shows a frame that waits; resolves when that is durable or refused. @throws TabCut */
  show(frame: number): Promise<Showing>;
  /** Lets a waiting frame go. @throws TabCut */
  withhold(frame: number): Promise<void>;
  readonly waiting: ReadonlySet<number>;
  readonly events: readonly ModuleEvent[];
  /** Points passed so far, in order. */
  readonly passed: readonly string[];
  /** Name of the point at which it was cut, or null. */
  cutName(): string | null;
  end(): void;
};

type ModuleTable = {
  [Name in CommandName]: (argument: Parameters<Commands[Name]>[0]) => Promise<Result<ReturnType<Commands[Name]>>>;
};

/** Starts a module; resolves when it is started. @throws TabCut where it was cut before. */
export async function openWorkerTab(settings: TabSettings): Promise<WorkerTab> {
  const worker = new Worker(new URL('./fault-worker.ts', import.meta.url), { type: 'module' });
  const commands = new MessageChannel();
  const events = new MessageChannel();
  const heard: ModuleEvent[] = [];
  const passed: string[] = [];
  const waiting = new Set<number>();
  const syncing: (() => void)[] = [];
  const settling = new Map<number, (showing: Showing) => void>();
  const started = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => undefined);
  let cutName: string | null = null;

  const post = (message: ToFaultWorker, transfer: Transferable[] = []): void => worker.postMessage(message, transfer);
  const end = (): void => {
    worker.terminate();
    commands.port1.close();
    events.port1.close();
    gone.reject(new TabCut(cutName ?? 'ended'));
  };
  worker.addEventListener('error', (event) => gone.reject(new Error(event.message)));
  worker.addEventListener('message', ({ data }: MessageEvent<FromFaultWorker>) => {
    switch (data.type) {
      case 'started':
        return started.resolve();
      case 'synced':
        return syncing.shift()?.();
      case 'passed':
        passed.push(data.name);
        return;
      case 'cut':
        cutName = data.name;
        return end();
      case 'ask':
        return post({ type: 'answered', number: data.number, answer: settings.answer(data.question) });
      case 'waiting':
        waiting.add(data.frame);
        return;
      case 'settled':
        waiting.delete(data.frame);
        settling.get(data.frame)?.({ shown: data.shown, code: data.code });
        settling.delete(data.frame);
        return;
    }
  });
  events.port1.onmessage = ({ data }: MessageEvent<ModuleEvent>) => void heard.push(data);
  const { agencyKey, clockOffsetMs, cutAt, hold } = settings;
  const ports = { commandPort: commands.port2, eventPort: events.port2 };
  post({ type: 'start', agencyKey, clockOffsetMs, cutAt, hold, ...ports }, [commands.port2, events.port2]);
  await Promise.race([started.promise, gone.promise]);
  const remote: Remote<ModuleTable> = wrap(commands.port1);
  const table: ModuleTable = remote;

  const settle = (type: 'show' | 'withhold', frame: number): Promise<Showing> => {
    const settled = new Promise<Showing>((resolve) => settling.set(frame, resolve));
    post({ type, frame });
    return Promise.race([settled, gone.promise]);
  };
  const sync = (): Promise<void> => {
    const synced = new Promise<void>((resolve) => void syncing.push(resolve));
    post({ type: 'sync' });
    return Promise.race([synced, gone.promise]);
  };
  return {
    call: async (name, argument) => {
      const result = await Promise.race([table[name](argument), gone.promise]);
      await sync();
      return result;
    },
    show: (frame) => settle('show', frame),
    withhold: async (frame) => void (await settle('withhold', frame)),
    waiting,
    events: heard,
    passed,
    cutName: () => cutName,
    end,
  };
}
