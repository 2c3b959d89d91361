// The gate before Comlink: reads the raw command port, admits calls (admit-call.ts), counts and drops everything else without an answer,
// and lets only plain results out. Opened by module.ts once for each host that connects. Comlink never sees a message of the page
// itself: it gets a new message of the one admitted shape, and its answers leave only as raw values.

import { type Endpoint, expose } from 'comlink';
import type { CommandName, Result } from '../commands.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { admitCall } from './admit-call.ts';
import { assertPlain, isPlainObject, ownValue } from './plain.ts';

/** The part of a MessagePort that the gate uses. */
export type CommandPort = {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
  start(): void;
};

/** What Comlink exposes: frozen, without a prototype; every function answers with a Result and never rejects. */
export type CommandTable = Readonly<Record<CommandName, (argument: object) => Promise<Result<unknown>>>>;

/**
 * Serves `table` on `port`. `onDropped` is told of each message that was dropped. The returned function stops serving.
 * A call beyond MODULE_LIMITS.callsInFlight is answered with `module/refused`; its command never sees it.
 */
export function openGate(port: CommandPort, table: CommandTable, onDropped: () => void): () => void {
  const inFlight = new Set<string>();
  let toComlink: ((event: MessageEvent) => void) | null = null;

  const answer = (id: string, value: unknown) => {
    inFlight.delete(id);
    port.postMessage({ id, type: 'RAW', value });
  };

  const onMessage = (event: MessageEvent<unknown>) => {
    const call = event.ports.length === 0 ? admitCall(event.data) : null;
    if (call === null || toComlink === null || inFlight.has(call.id)) return onDropped();
    if (inFlight.size >= MODULE_LIMITS.callsInFlight) {
      port.postMessage({ id: call.id, type: 'RAW', value: { ok: false, error: { code: 'module/refused' } } });
      return;
    }
    inFlight.add(call.id);
    const argumentList = [{ type: 'RAW', value: call.argument }];
    toComlink(new MessageEvent('message', { data: { id: call.id, type: 'APPLY', path: [call.name], argumentList } }));
  };

  const inside: Endpoint = {
    addEventListener: (_type, listener) => {
      toComlink = typeof listener === 'function' ? listener : (event) => listener.handleEvent(event);
    },
    removeEventListener: () => {
      toComlink = null;
    },
    postMessage: (message: unknown) => {
      const id = isPlainObject(message) ? ownValue(message, 'id') : undefined;
      if (typeof id === 'string' && isPlainObject(message)) answer(id, outwardValue(message));
    },
  };
  expose(table, inside);
  port.addEventListener('message', onMessage);
  port.start();
  return () => port.removeEventListener('message', onMessage);
}

/** The raw plain value of Comlink's answer; anything else (its wrapped errors, proxies) leaves as `module/internal`. */
function outwardValue(message: object): unknown {
  const value = ownValue(message, 'value');
  try {
    if (ownValue(message, 'type') !== 'RAW' || !isPlainObject(value)) throw new TypeError('not a result');
    assertPlain(value);
    return value;
  } catch {
    return { ok: false, error: { code: 'module/internal' } };
  }
}
