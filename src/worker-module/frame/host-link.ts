// The frame's side of docs/protocol.md §12: who may connect, and all that is ever posted outward.
// It passes the two ports on unread; it never posts anything but the two shapes of FrameToHost.

import type { FareboxErrorCode } from '../../protocol/errors.ts';
import type { FrameToHost } from '../frame-messages.ts';

/** The two ports a page hands over. */
export type HostPorts = { readonly commandPort: MessagePort; readonly eventPort: MessagePort };

/** What the frame may tell the page. */
export type HostLink = { ready(): void; workerDied(code: FareboxErrorCode): void };

/** A message as a window gets it: the parts that decide whether it may connect. */
export type IncomingMessage = Pick<MessageEvent<unknown>, 'source' | 'origin' | 'data' | 'ports'>;

/** The two ports of a page that may connect, or null: another window, another origin, another shape, other ports. */
export function admitConnection(
  { source, origin, data, ports }: IncomingMessage,
  terminal: MessageEventSource,
  terminalOrigin: string,
): HostPorts | null {
  const [commandPort, eventPort] = ports;
  if (source !== terminal || origin !== terminalOrigin || !isConnectMessage(data)) return null;
  if (ports.length !== 2 || commandPort === undefined || eventPort === undefined) return null;
  return { commandPort, eventPort };
}

/** Exactly `{ type: "farebox/connect", version: 1 }`, without anything beside it. */
function isConnectMessage(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const members = new Map(Object.entries(message));
  return members.size === 2 && members.get('type') === 'farebox/connect' && members.get('version') === 1;
}

/** Listens for the terminal's page; every message that may not connect is left unanswered. */
export function listenToHost(window: Window, terminalOrigin: string, onConnect: (ports: HostPorts) => void): HostLink {
  window.addEventListener('message', (event) => {
    const ports = admitConnection(event, window.parent, terminalOrigin);
    if (ports !== null) onConnect(ports);
  });
  const post = (message: FrameToHost) => window.parent.postMessage(message, terminalOrigin);
  return {
    ready: () => post({ type: 'farebox/ready' }),
    workerDied: (code) => post({ type: 'farebox/worker-died', code }),
  };
}
