// Boots the module: its document in an iframe, the handshake of docs/protocol.md §12, and a new connection whenever the
// worker died. Called once by the app. The iframe must stay where it is put: moving it in the document reloads it.

import { FareboxError, isErrorCode } from '../protocol/errors.ts';
import type { CommandName } from '../worker-module/commands.ts';
import type { ModuleEvent } from '../worker-module/events.ts';
import { HOST_LIMITS } from './limits.ts';
import {
  type CallOptions,
  type CommandArgument,
  type CommandValue,
  type ModuleChannel,
  openModuleChannel,
} from './module-channel.ts';

/** `starting`: no worker has been ready yet; `restarting`: it died and another is on its way; `failed`: it did not come, or dies again and again. */
export type ModuleState = 'starting' | 'ready' | 'restarting' | 'failed';

/** The module as the page has it. */
export type ModuleConnection = {
  /** Calls a command. Waits for the module where it is starting. Throws FareboxError: the command's codes, `module/dead`, `module/deadline`, `module/not-connected`. */
  call<K extends CommandName>(name: K, argument: CommandArgument<K>, options?: CallOptions): Promise<CommandValue<K>>;
  /** Returns the function that ends it. */
  onEvent(listener: (event: ModuleEvent) => void): () => void;
  /** Calls at once with the state now, then at each change. Returns the function that ends it. */
  onState(listener: (state: ModuleState) => void): () => void;
  readonly frame: HTMLIFrameElement;
};

/** Where the module is put and from where. `signal` takes it down for good. */
export type ModulePlace = {
  readonly container: Pick<HTMLElement, 'append'>;
  /** The module's origin, without a path. */
  readonly moduleOrigin: string;
  readonly signal: AbortSignal;
};

function makeFrame(moduleOrigin: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.src = `${moduleOrigin}/`;
  frame.title = 'The secure module: its picture and its questions';
  frame.allow = 'autoplay; fullscreen; picture-in-picture; publickey-credentials-create; publickey-credentials-get';
  frame.referrerPolicy = 'no-referrer';
  return frame;
}

/** Starts the module and keeps it connected. */
export function connectModule({ container, moduleOrigin, signal }: ModulePlace): ModuleConnection {
  const eventListeners = new Set<(event: ModuleEvent) => void>();
  const stateListeners = new Set<(state: ModuleState) => void>();
  const frame = makeFrame(moduleOrigin);
  let state: ModuleState = 'starting';
  let channel: ModuleChannel | null = null;
  let wasReady = false;
  let deathTimesMs: number[] = [];
  /** Replaced at each change of state; calls that come too early wait on it. */
  let change = Promise.withResolvers<void>();
  let readyTimer = setTimeout(() => enter('failed'), HOST_LIMITS.readyTimeoutMs);

  const enter = (next: ModuleState) => {
    clearTimeout(readyTimer);
    if (next === 'restarting') readyTimer = setTimeout(() => enter('failed'), HOST_LIMITS.readyTimeoutMs);
    if (next === state) return;
    state = next;
    change.resolve();
    change = Promise.withResolvers();
    for (const listener of stateListeners) listener(next);
  };

  const disconnect = () => {
    channel?.close();
    channel = null;
  };

  const onReady = () => {
    disconnect();
    const command = new MessageChannel();
    const event = new MessageChannel();
    channel = openModuleChannel(command.port1, event.port1, (told) => {
      for (const listener of eventListeners) listener(told);
    });
    frame.contentWindow?.postMessage({ type: 'farebox/connect', version: 1 }, moduleOrigin, [
      command.port2,
      event.port2,
    ]);
    wasReady = true;
    enter('ready');
  };

  const onDied = () => {
    disconnect();
    const nowMs = performance.now();
    deathTimesMs = [...deathTimesMs.filter((timeMs) => nowMs - timeMs < HOST_LIMITS.deathWindowMs), nowMs];
    enter(deathTimesMs.length >= HOST_LIMITS.deathsBeforeFailed ? 'failed' : 'restarting');
  };

  window.addEventListener(
    'message',
    (message) => {
      if (message.source !== frame.contentWindow || message.origin !== moduleOrigin) return;
      const type: unknown = message.data?.type;
      if (type === 'farebox/ready') onReady();
      else if (type === 'farebox/worker-died' && isErrorCode(message.data?.code)) onDied();
    },
    { signal },
  );
  // A document that could not be fetched is fetched when there is a line again; one that was ready once needs none.
  window.addEventListener(
    'online',
    () => {
      if (wasReady) return;
      enter('starting');
      readyTimer = setTimeout(() => enter('failed'), HOST_LIMITS.readyTimeoutMs);
      frame.src = `${moduleOrigin}/`;
    },
    { signal },
  );
  signal.addEventListener('abort', () => {
    disconnect();
    enter('failed');
    frame.remove();
  });
  container.append(frame);

  return {
    frame,
    async call(name, argument, options) {
      while (channel === null && (state === 'starting' || state === 'restarting')) await change.promise;
      if (channel === null) throw new FareboxError('module/not-connected', { command: name });
      return channel.call(name, argument, options);
    },
    onEvent(listener) {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    onState(listener) {
      stateListeners.add(listener);
      listener(state);
      return () => stateListeners.delete(listener);
    },
  };
}
