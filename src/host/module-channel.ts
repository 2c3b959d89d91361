// One live connection to the module's worker: Comlink over the command port, events from the event port. Every call ends:
// with the module's answer, at its deadline, or with `module/dead` when the channel closes. Made by connect.ts.

import { type Remote, releaseProxy, transfer, wrap } from 'comlink';
import { FareboxError, isErrorCode } from '../protocol/errors.ts';
import type { CommandName, Commands, Result } from '../worker-module/commands.ts';
import type { ModuleEvent } from '../worker-module/events.ts';
import { callDeadlineMs } from './limits.ts';

/** Answer of a command. */
export type CommandValue<K extends CommandName> = ReturnType<Commands[K]>;
/** Argument of a command. */
export type CommandArgument<K extends CommandName> = Parameters<Commands[K]>[0];
/** `transfer`: buffers that are gone for the caller; `timeoutMs`: in place of the command's own deadline. */
export type CallOptions = { readonly transfer?: readonly Transferable[]; readonly timeoutMs?: number };

/** What the worker exposes on the command port. */
type ModuleTable = { [K in CommandName]: (argument: CommandArgument<K>) => Promise<Result<CommandValue<K>>> };

/** A connection; after `close` every call answers `module/dead`. */
export type ModuleChannel = {
  call<K extends CommandName>(name: K, argument: CommandArgument<K>, options?: CallOptions): Promise<CommandValue<K>>;
  close(): void;
};

/** Opens the channel on the host's ends of both ports. */
export function openModuleChannel(
  commandPort: MessagePort,
  eventPort: MessagePort,
  onEvent: (event: ModuleEvent) => void,
): ModuleChannel {
  const remote: Remote<ModuleTable> = wrap(commandPort);
  const table: ModuleTable = remote;
  const closing = Promise.withResolvers<never>();
  // Calls race against it; with none under way nobody else would look at the rejection.
  closing.promise.catch(() => undefined);
  let closed = false;
  eventPort.onmessage = (event: MessageEvent<ModuleEvent>) => {
    if (!closed) onEvent(event.data);
  };

  return {
    async call(name, argument, options = {}) {
      if (closed) throw new FareboxError('module/dead', { command: name });
      const deadline = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => deadline.reject(new FareboxError('module/deadline', { command: name })),
        options.timeoutMs ?? callDeadlineMs(name),
      );
      try {
        const sent = options.transfer === undefined ? argument : transfer(argument, [...options.transfer]);
        return readResult(await Promise.race([table[name](sent), deadline.promise, closing.promise]));
      } finally {
        clearTimeout(timer);
      }
    },
    close() {
      if (closed) return;
      closed = true;
      closing.reject(new FareboxError('module/dead'));
      eventPort.close();
      remote[releaseProxy]();
      commandPort.close();
    },
  };
}

function readResult<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const { code, detail } = result.error;
  // A module of another build may know codes that this page does not.
  throw isErrorCode(code) ? new FareboxError(code, detail) : new FareboxError('module/internal', { code });
}
