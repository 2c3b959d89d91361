// How the module is booted and kept connected. The window, its iframe and the module's document are scripted here; the real ones
// are tried in Chromium.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import { connectModule, type ModuleConnection, type ModuleState } from './connect.ts';
import { HOST_LIMITS } from './limits.ts';

const MODULE = 'http://module.example';

type Posted = { readonly message: unknown; readonly origin: string; readonly ports: readonly MessagePort[] };

let posted: Posted[];
let sources: string[];
let window: EventTarget;
let frameWindow: { postMessage(message: unknown, origin: string, ports: readonly MessagePort[]): void };
let removed: boolean;
let takeDown: AbortController;
let states: ModuleState[];
let connection: ModuleConnection;

beforeEach(() => {
  vi.useFakeTimers();
  posted = [];
  sources = [];
  states = [];
  removed = false;
  takeDown = new AbortController();
  window = new EventTarget();
  frameWindow = { postMessage: (message, origin, ports) => posted.push({ message, origin, ports }) };
  const frame = {
    set src(address: string) {
      sources.push(address);
    },
    contentWindow: frameWindow,
    remove: () => {
      removed = true;
    },
  };
  vi.stubGlobal('window', window);
  vi.stubGlobal('document', { createElement: () => frame });
  connection = connectModule({ container: { append: () => undefined }, moduleOrigin: MODULE, signal: takeDown.signal });
  connection.onState((state) => states.push(state));
});

afterEach(() => {
  takeDown.abort();
  for (const { ports } of posted) for (const port of ports) port.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function tell(message: unknown, from: { readonly source?: unknown; readonly origin?: string } = {}): void {
  const event = new Event('message');
  window.dispatchEvent(Object.assign(event, { data: message, source: frameWindow, origin: MODULE, ...from }));
}

const ready = () => tell({ type: 'farebox/ready' });
const die = () => tell({ type: 'farebox/worker-died', code: 'module/dead' });

async function codeOf(call: Promise<unknown>): Promise<string> {
  const thrown = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof FareboxError) return thrown.code;
  throw new Error('the call was answered');
}

describe('the connection to the module', () => {
  it('CARD-1: hands two ports to the module, and to no other origin, when the module says that it is ready', () => {
    expect(states).toEqual(['starting']);
    ready();
    expect(states).toEqual(['starting', 'ready']);
    expect(posted).toMatchObject([{ message: { type: 'farebox/connect', version: 1 }, origin: MODULE }]);
    expect(posted[0]?.ports).toHaveLength(2);
  });

  it.each([
    ['comes from another window', {}, { source: {} }],
    ['comes from another origin', {}, { origin: 'http://elsewhere.example' }],
    ['is of another type', { type: 'farebox/other' }, {}],
    ['has no type', { type: undefined }, {}],
  ])('CARD-1: ignores a message that %s', (_why, message, from) => {
    tell({ type: 'farebox/ready', ...message }, from);
    expect(states).toEqual(['starting']);
    expect(posted).toEqual([]);
  });

  it('ignores a death without a code of the table', () => {
    ready();
    tell({ type: 'farebox/worker-died', code: 'no/such-code' });
    expect(states.at(-1)).toBe('ready');
  });

  it('BT-7: ends the calls under way when the worker dies, and connects anew to the next one', async () => {
    ready();
    const code = codeOf(connection.call('status', {}));
    die();
    expect(await code).toBe('module/dead');
    expect(states.at(-1)).toBe('restarting');
    ready();
    expect(states.at(-1)).toBe('ready');
    expect(posted).toHaveLength(2);
  });

  it('says that it failed where the module does not come in time, and answers calls with a code', async () => {
    const code = codeOf(connection.call('status', {}));
    await vi.advanceTimersByTimeAsync(HOST_LIMITS.readyTimeoutMs);
    expect(states.at(-1)).toBe('failed');
    expect(await code).toBe('module/not-connected');
  });

  it('says that it failed where the worker dies again and again', () => {
    for (let deaths = 1; deaths < HOST_LIMITS.deathsBeforeFailed; deaths += 1) {
      ready();
      die();
      expect(states.at(-1)).toBe('restarting');
    }
    ready();
    die();
    expect(states.at(-1)).toBe('failed');
  });

  it('forgives deaths that lie far apart', async () => {
    for (let deaths = 0; deaths <= HOST_LIMITS.deathsBeforeFailed; deaths += 1) {
      ready();
      die();
      expect(states.at(-1)).toBe('restarting');
      ready();
      await vi.advanceTimersByTimeAsync(HOST_LIMITS.deathWindowMs);
    }
  });

  it('fetches the module again when there is a line, where it never came, and only there', async () => {
    await vi.advanceTimersByTimeAsync(HOST_LIMITS.readyTimeoutMs);
    window.dispatchEvent(new Event('online'));
    expect(states.at(-1)).toBe('starting');
    expect(sources).toEqual([`${MODULE}/`, `${MODULE}/`]);
    ready();
    window.dispatchEvent(new Event('online'));
    expect(sources).toHaveLength(2);
    expect(states.at(-1)).toBe('ready');
  });

  it('takes the module down for good when it is told to', async () => {
    ready();
    takeDown.abort();
    expect(removed).toBe(true);
    expect(await codeOf(connection.call('status', {}))).toBe('module/not-connected');
    ready();
    expect(states.at(-1)).toBe('failed');
  });
});
