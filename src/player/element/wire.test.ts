// What another site's page and the player's frame take from each other: exact shapes, and nothing that begins to cost.

import { describe, expect, it, vi } from 'vitest';
import { createStore } from '../store.ts';
import { bridgePlayer } from './bridge.ts';
import { LINK_AT_REST, type LinkState } from './player-link.ts';
import {
  CONNECT_MESSAGE,
  decodeIntent,
  decodeState,
  intentMessage,
  isMessage,
  READY_MESSAGE,
  stateForOthers,
} from './wire.ts';

const STATE: LinkState = {
  ...LINK_AT_REST,
  programmeId: '1'.repeat(32),
  title: 'Clockwork',
  phase: 'playing',
  durationMs: 60_000,
  live: { firstMs: 0, edgeMs: 10_000, liveMs: 9_000, ended: false },
  buffered: [[0, 4_000]],
  chapters: [{ startMs: 0, title: 'Morning' }],
  rungs: [{ label: 'video/720p', width: 1280, height: 720, bitrate: 2_400_000 }],
  sounds: [{ label: 'audio/main', language: '', name: '', role: 'main' }],
  error: { code: 2, message: 'network/offline: There is no line.' },
};

const INTENTS = [
  intentMessage('play'),
  intentMessage('pause'),
  intentMessage('goLive'),
  intentMessage('seek', 4_000),
  intentMessage('setVolume', 0.5, true),
  intentMessage('setRate', 2),
  intentMessage('setSound', 'audio/de'),
  intentMessage('setCaptions', null),
  intentMessage('setRung', 'auto'),
];

describe('BT-5: the wire between a page and the player’s frame', () => {
  it('takes every intent and every state as it was sent', () => {
    for (const intent of INTENTS) expect(decodeIntent(structuredClone(intent))).toEqual(intent);
    expect(decodeState(structuredClone(STATE))).toEqual(STATE);
    expect(decodeState(structuredClone(LINK_AT_REST))).toEqual(LINK_AT_REST);
  });

  it.each([
    ['no object', 'play'],
    ['a list', ['play']],
    ['an unknown intent', { type: 'stop', with: [] }],
    ['a name of every object', { type: 'constructor', with: [] }],
    ['no arguments', { type: 'play' }],
    ['an argument too many', { type: 'play', with: [1] }],
    ['an argument too few', { type: 'setVolume', with: [0.5] }],
    ['another member', { type: 'play', with: [], session: 'e' }],
    ['a place that is no number', { type: 'seek', with: ['4'] }],
    ['a place before the start', { type: 'seek', with: [-1] }],
    ['a place that is not', { type: 'seek', with: [Number.NaN] }],
    ['too loud', { type: 'setVolume', with: [1.01, false] }],
    ['too fast', { type: 'setRate', with: [2.1] }],
    ['a label without end', { type: 'setSound', with: ['a'.repeat(513)] }],
  ])('refuses as an intent %s', (_what, data) => {
    expect(decodeIntent(data)).toBeNull();
  });

  it('refuses a state with any member missing, of another kind, or beside the others', () => {
    for (const name of Object.keys(STATE)) {
      const { [name as keyof LinkState]: _left, ...rest } = STATE;
      expect(decodeState(rest), `without ${name}`).toBeNull();
      expect(decodeState({ ...STATE, [name]: { toString: 1 } }), `with a strange ${name}`).toBeNull();
    }
    expect(decodeState({ ...STATE, session: 'e'.repeat(32) })).toBeNull();
    expect(decodeState({ ...STATE, chapters: Array(257).fill(STATE.chapters[0]) })).toBeNull();
    expect(decodeState({ ...STATE, error: { code: 5, message: '' } })).toBeNull();
  });

  it('knows the two messages of windows exactly', () => {
    expect(isMessage({ ...READY_MESSAGE }, READY_MESSAGE)).toBe(true);
    expect(isMessage({ ...CONNECT_MESSAGE }, READY_MESSAGE)).toBe(false);
    expect(isMessage({ ...READY_MESSAGE, version: 2 }, READY_MESSAGE)).toBe(false);
    expect(isMessage({ ...READY_MESSAGE, more: 1 }, READY_MESSAGE)).toBe(false);
    expect(isMessage(null, READY_MESSAGE)).toBe(false);
  });

  it('does not tell another site why a person cannot watch', () => {
    const told = stateForOthers({ ...STATE, error: { code: 4, message: 'credit/exhausted: Your credit is used up.' } });
    expect(told.error?.code).toBe(4);
    expect(JSON.stringify(told)).not.toMatch(/credit/);
    expect(decodeState(structuredClone(told))).toEqual(told);
  });
});

describe('BT-5: the player’s end', () => {
  function bridged(state: LinkState) {
    const asked: unknown[][] = [];
    const note =
      (name: string) =>
      (...args: unknown[]) =>
        void asked.push([name, ...args]);
    const store = createStore(state);
    const { port1, port2 } = new MessageChannel();
    const end = new AbortController();
    const intents = Object.fromEntries(INTENTS.map(({ type }) => [type, note(type)]));
    const link = { state: store, ...intents } as unknown as Parameters<typeof bridgePlayer>[0];
    const told: unknown[] = [];
    port2.onmessage = ({ data }) => told.push(data);
    bridgePlayer(link, port1, () => 0, end.signal);
    /** A message and its answer cross in order, so what was sent before a change of state has been handled when that is told. */
    const send = async (...messages: unknown[]): Promise<void> => {
      for (const message of messages) port2.postMessage(message);
      const before = asked.length;
      port2.postMessage(intentMessage('setVolume', 1, false));
      await vi.waitFor(() =>
        expect(asked.slice(before).some(([name, volume]) => name === 'setVolume' && volume === 1)).toBe(true),
      );
      asked.splice(
        asked.findIndex(([name, volume]) => name === 'setVolume' && volume === 1),
        1,
      );
    };
    return { asked, store, told, send, end };
  }

  it('carries out what fits, drops the rest, and tells each state', async () => {
    const { asked, store, told, send, end } = bridged(STATE);
    await send(intentMessage('pause'), { type: 'stop', with: [] }, 'play', intentMessage('seek', 5));
    expect(asked).toEqual([['pause'], ['seek', 5]]);
    store.set({ ...STATE, positionMs: 777 });
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ positionMs: 777 }));
    end.abort();
  });

  it('begins nothing that costs: without a press in its own frame only the volume is taken', async () => {
    const { asked, store, send, end } = bridged({ ...STATE, phase: 'idle', needsPress: true });
    await send(
      intentMessage('play'),
      intentMessage('seek', 5),
      intentMessage('goLive'),
      intentMessage('setVolume', 0.5, true),
    );
    expect(asked).toEqual([['setVolume', 0.5, true]]);
    store.set({ ...STATE, needsPress: false });
    await send(intentMessage('play'));
    expect(asked.at(-1)).toEqual(['play']);
    end.abort();
  });

  it('takes no more in a second than a person asks for', async () => {
    const { asked, end, told } = bridged(STATE);
    expect(told).toEqual([]);
    const { port1, port2 } = new MessageChannel();
    const seeks: number[] = [];
    const store = createStore(STATE);
    const link = { state: store, seek: (ms: number) => void seeks.push(ms) } as unknown as Parameters<
      typeof bridgePlayer
    >[0];
    let now = 0;
    bridgePlayer(link, port1, () => now, end.signal);
    for (let at = 0; at < 100; at += 1) port2.postMessage(intentMessage('seek', at));
    await vi.waitFor(() => expect(seeks).toHaveLength(40));
    now = 1_000;
    port2.postMessage(intentMessage('seek', 1_000));
    await vi.waitFor(() => expect(seeks.at(-1)).toBe(1_000));
    expect(seeks).toHaveLength(41);
    expect(asked).toEqual([]);
    end.abort();
  });
});
