// The host's end of the command port: every call ends, with the module's answer, at its deadline, or because the module died.

import { expose } from 'comlink';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import type { ModuleEvent } from '../worker-module/events.ts';
import { callDeadlineMs } from './limits.ts';
import { type ModuleChannel, openModuleChannel } from './module-channel.ts';

type Answer = (argument: object) => Promise<unknown>;

let command: MessageChannel;
let event: MessageChannel;
let heard: ModuleEvent[];
let channel: ModuleChannel;

beforeEach(() => {
  command = new MessageChannel();
  event = new MessageChannel();
  heard = [];
  channel = openModuleChannel(command.port1, event.port1, (told) => heard.push(told));
});

afterEach(() => {
  vi.useRealTimers();
  channel.close();
  for (const port of [command.port2, event.port2]) port.close();
});

const serve = (commands: Readonly<Record<string, Answer>>) => expose(commands, command.port2);

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (thrown) {
    if (thrown instanceof FareboxError) return thrown.code;
    throw thrown;
  }
  throw new Error('the call was answered');
}

describe('a connection to the module', () => {
  it('gives the value of an answer', async () => {
    serve({ receipts: async () => ({ ok: true, value: [] }) });
    expect(await channel.call('receipts', {})).toEqual([]);
  });

  it('throws the code and the detail of a refusal', async () => {
    serve({ play: async () => ({ ok: false, error: { code: 'session/not-active', detail: { session: 'a' } } }) });
    await expect(channel.call('play', { session: 'a' })).rejects.toMatchObject({
      code: 'session/not-active',
      detail: { session: 'a' },
    });
  });

  it('does not pass on a code that is in no table', async () => {
    serve({ play: async () => ({ ok: false, error: { code: 'nonsense' } }) });
    expect(await codeOf(channel.call('play', { session: 'a' }))).toBe('module/internal');
  });

  it('hands buffers over: they are gone for the caller', async () => {
    let receivedBytes = 0;
    serve({
      deliver: async (argument) => {
        receivedBytes = JSON.stringify(argument).includes('video/360p') ? 1 : 0;
        return { ok: true, value: { replay: false } };
      },
    });
    const sealed = new ArrayBuffer(8);
    await channel.call(
      'deliver',
      { session: 'a', frame: 0, parts: [{ label: 'video/360p', sealed }] },
      { transfer: [sealed] },
    );
    expect(receivedBytes).toBe(1);
    expect(sealed.byteLength).toBe(0);
  });

  it('ends a call that nobody answers at the deadline of its command', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const ended = codeOf(channel.call('seek', { session: 'a', positionMs: 0 }));
    await vi.advanceTimersByTimeAsync(callDeadlineMs('seek'));
    expect(await ended).toBe('module/deadline');
  });

  it('takes a shorter deadline where one is given', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const ended = codeOf(channel.call('seek', { session: 'a', positionMs: 0 }, { timeoutMs: 10 }));
    await vi.advanceTimersByTimeAsync(10);
    expect(await ended).toBe('module/deadline');
  });

  it('ends every pending call with module/dead when the worker dies, and every later one', async () => {
    const pending = [codeOf(channel.call('sessions', {})), codeOf(channel.call('status', {}))];
    channel.close();
    expect(await Promise.all(pending)).toEqual(['module/dead', 'module/dead']);
    expect(await codeOf(channel.call('status', {}))).toBe('module/dead');
  });

  it('passes events on until it is closed', async () => {
    const told: ModuleEvent = { type: 'closed', session: 'a' };
    event.port2.postMessage(told);
    await vi.waitFor(() => expect(heard).toEqual([told]));
  });
});
