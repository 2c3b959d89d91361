// Who may connect to the module: the terminal's page, with exactly two ports, and nobody else.

import { afterAll, describe, expect, it } from 'vitest';
import { admitConnection, type IncomingMessage } from './host-link.ts';

const TERMINAL_ORIGIN = 'https://watch.example';
const first = new MessageChannel();
const second = new MessageChannel();
// Windows do not exist here; any two ports stand for two senders, which are told apart by identity alone.
const terminal = first.port2;
const stranger = second.port2;
const CONNECT: IncomingMessage = {
  source: terminal,
  origin: TERMINAL_ORIGIN,
  data: { type: 'farebox/connect', version: 1 },
  ports: [first.port1, second.port1],
};

afterAll(() => {
  for (const { port1, port2 } of [first, second]) {
    port1.close();
    port2.close();
  }
});

describe('the handshake', () => {
  it('admits the terminal’s page', () => {
    expect(admitConnection(CONNECT, terminal, TERMINAL_ORIGIN)).toEqual({
      commandPort: first.port1,
      eventPort: second.port1,
    });
  });

  const altered: readonly (readonly [string, Partial<IncomingMessage>])[] = [
    ['another window', { source: stranger }],
    ['no window', { source: null }],
    ['another origin', { origin: 'https://evil.example' }],
    ['an origin that only begins alike', { origin: 'https://watch.example.evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['another type', { data: { type: 'farebox/ready', version: 1 } }],
    ['another version', { data: { type: 'farebox/connect', version: 2 } }],
    ['a version as text', { data: { type: 'farebox/connect', version: '1' } }],
    ['a member too many', { data: { type: 'farebox/connect', version: 1, more: 1 } }],
    ['a member that is only inherited', { data: Object.create({ type: 'farebox/connect', version: 1 }) }],
    ['text', { data: 'farebox/connect' }],
    ['nothing', { data: null }],
    ['one port', { ports: [first.port1] }],
    ['three ports', { ports: [first.port1, second.port1, second.port2] }],
    ['no port', { ports: [] }],
  ];
  it.each(altered)('leaves a message of %s unanswered', (_what, change) => {
    expect(admitConnection({ ...CONNECT, ...change }, terminal, TERMINAL_ORIGIN)).toBeNull();
  });
});
