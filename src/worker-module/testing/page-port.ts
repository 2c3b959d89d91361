// A terminal's page at the command port: posts what a page posts, clones both ways as a port does, and keeps what came back.

import type { CommandName, Commands, Result } from '../commands.ts';
import type { CommandPort } from '../gate/gate.ts';

/** Both ends of a command port. */
export type PagePort = {
  /** The module's end. */
  readonly inside: CommandPort;
  /** Messages that left on the port. */
  readonly outward: unknown[];
  /** Posts anything at all. */
  post(message: unknown): void;
  /** Calls a command as Comlink does. */
  call<Name extends CommandName>(name: Name, argument: object): Promise<Result<ReturnType<Commands[Name]>>>;
};

/** A port without a browser. */
export function makePagePort(): PagePort {
  const listeners = new Set<(event: MessageEvent) => void>();
  const waiting = new Map<string, (answer: never) => void>();
  const outward: unknown[] = [];
  let calls = 0;
  const post = (message: unknown) => {
    for (const listener of listeners) listener(new MessageEvent('message', { data: structuredClone(message) }));
  };
  const inside = {
    start: () => undefined,
    addEventListener: (_type: string, listener: (event: MessageEvent) => void) => void listeners.add(listener),
    removeEventListener: (_type: string, listener: (event: MessageEvent) => void) => void listeners.delete(listener),
    postMessage: (message: { readonly id: string; readonly value: never }) => {
      const answer = structuredClone(message);
      outward.push(answer);
      waiting.get(answer.id)?.(answer.value);
      waiting.delete(answer.id);
    },
  };
  return {
    inside,
    outward,
    post,
    call: (name, argument) => {
      calls += 1;
      const id = `call-${calls}`;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        post({ id, type: 'APPLY', path: [name], argumentList: [{ type: 'RAW', value: argument }] });
      });
    },
  };
}
