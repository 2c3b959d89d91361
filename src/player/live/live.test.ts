// The host's side of a live programme, BT-10: where it joins, what it asks for and tells the module, and how it keeps to the edge. The
// provider's updates are real ones, signed by the parties of the vectors.

import { beforeAll, describe, expect, test } from 'vitest';
import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import { hashObject } from '../../protocol/ids.ts';
import { type LiveUpdate, NO_UPDATE, signLiveUpdate } from '../../protocol/live-update.ts';
import { encodeManifest, type Manifest } from '../../protocol/manifest.ts';
import { type Cast, makeCast, NOW } from '../../protocol/vectors/cast.ts';
import type { CommandName } from '../../worker-module/commands.ts';
import { PLAYER_LIMITS } from '../limits.ts';
import type { LiveNow } from '../player-state.ts';
import type { PlayerPorts } from '../ports.ts';
import type { LoadedProgramme } from '../programme-loading.ts';
import { createLiveControl } from './live-control.ts';

const FRAMES = 20;
const FRAME_MS = 2_000;
const TERMS = { startTime: NOW, windowFrames: 8 };

let cast: Cast;
let updates: Uint8Array<ArrayBuffer>[];
let programme: LoadedProgramme;
beforeAll(async () => {
  cast = await makeCast();
  const part = cast.manifest.parts[0];
  if (part === undefined) throw new Error('the cast has no part');
  const manifest: Manifest = {
    ...cast.manifest,
    frameCount: FRAMES,
    durationMs: FRAMES * FRAME_MS,
    parts: [{ ...part, segments: [] }],
    commitments: new Uint8Array(0),
  };
  const manifestBytes = Uint8Array.from(encodeManifest(manifest));
  programme = { programmeId: manifest.programme, programme: new Uint8Array(1), manifestBytes, manifest, live: TERMS };
  updates = [];
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const last = updates.at(-1);
    const update: LiveUpdate = {
      ...{ programme: manifest.programme, number: frame, from: frame, to: frame + 1, ended: frame === FRAMES - 1 },
      previous: last === undefined ? NO_UPDATE : hashObject(last),
      segments: new Map([[part.label, [{ hash: hashObject(Uint8Array.of(frame)), sizeBytes: 1 + frame }]]]),
      commitments: new Uint8Array(32),
    };
    updates.push(
      Uint8Array.from(await signLiveUpdate({ signer: cast.provider.signer, update, issuedAt: NOW + 60_000 })),
    );
  }
});

/** A provider whose newest update is the one of that number, and a module that answers as it is told. */
function world(newest: number) {
  const asked: (number | 'newest')[] = [];
  const told: number[] = [];
  const rates: number[] = [];
  const heard: {
    live: (LiveNow | null)[];
    grown: number;
    trouble: (FareboxErrorCode | null)[];
    failed: FareboxErrorCode[];
  } = { live: [], grown: 0, trouble: [], failed: [] };
  const script = {
    newest,
    /** What comes of each question for the newest in turn, before it moves on by itself. */
    turns: [] as (() => Uint8Array<ArrayBuffer>)[],
    forgetsAt: null as number | null,
  };
  const ended = Promise.withResolvers<void>();
  const at = (number: number): Uint8Array<ArrayBuffer> => {
    const bytes = updates[number];
    if (bytes === undefined) throw new FareboxError('live/not-live');
    return bytes;
  };
  const ports = {
    provider: {
      liveUpdate: async (_id: string, number: number | 'newest') => {
        asked.push(number);
        const turn = number === 'newest' ? script.turns.shift() : undefined;
        const bytes = turn?.() ?? at(number === 'newest' ? script.newest : number);
        return bytes.slice().buffer;
      },
    },
    module: {
      call: async (name: CommandName, argument: { updates?: readonly Uint8Array[]; rate?: number }) => {
        if (name === 'setRate') rates.push(argument.rate ?? 0);
        if (name !== 'extendManifest') return null;
        const numbers = (argument.updates ?? []).map((bytes) =>
          updates.findIndex((one) => hashObject(one) === hashObject(bytes)),
        );
        if (script.forgetsAt !== null && numbers.at(-1) === script.forgetsAt) {
          script.forgetsAt = null;
          throw new FareboxError('live/gap', { number: 0 });
        }
        told.push(...numbers);
        return null;
      },
    },
    chance: () => 0.5,
    wallClockMs: () => NOW + 60_000,
    pause: async (_ms: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      // Each pause is the time in which a frame is filmed; after the last there is nothing more to wait for.
      if (script.turns.length === 0 && script.newest < FRAMES - 1) script.newest += 1;
    },
  };
  const control = createLiveControl(ports as unknown as PlayerPorts, {
    onLive: (live) => {
      heard.live.push(live);
      if (live?.ended === true) ended.resolve();
    },
    onGrown: () => {
      heard.grown += 1;
    },
    onTrouble: (code) => void heard.trouble.push(code),
    onFailed: (code) => {
      heard.failed.push(code);
      ended.resolve();
    },
  });
  return { control, script, asked, told, rates, heard, ended: ended.promise };
}

const signal = new AbortController().signal;
const SESSION = 'e'.repeat(32);

describe('BT-10: joining a live programme', () => {
  test('is a little behind the edge, and asks for no more than it needs', async () => {
    const { control, asked } = world(11);
    const { manifest, fromMs } = await control.join(programme, null, signal);
    expect(fromMs).toBe((12 - PLAYER_LIMITS.liveHoldFrames) * FRAME_MS);
    expect(asked).toEqual(['newest', 9, 10]);
    expect(manifest.parts[0]?.segments[9]).not.toBeUndefined();
    expect(manifest.parts[0]?.segments[8]).toBeUndefined();
    expect(control.edge()).toBe(12);
  });

  test.each([
    ['a place in the window', 6 * FRAME_MS + 500, 6 * FRAME_MS + 500],
    ['a place before it', 2 * FRAME_MS, 9 * FRAME_MS],
    ['the edge itself', 12 * FRAME_MS, 12 * FRAME_MS],
    ['a place that has not happened', 19 * FRAME_MS, 12 * FRAME_MS],
  ])('at %s goes there, or to where one can', async (_what, wantedMs, fromMs) => {
    const { control } = world(11);
    expect((await control.join(programme, wantedMs, signal)).fromMs).toBe(fromMs);
  });

  test('that is not live is refused', async () => {
    const { control } = world(11);
    await expect(control.join({ ...programme, live: null }, null, signal)).rejects.toThrow('live/not-live');
  });

  test('tells the module what is known, then all that comes, in order and to the end', async () => {
    const { control, told, heard, ended } = world(11);
    await control.join(programme, null, signal);
    await control.attach(SESSION, signal);
    await ended;
    expect(told).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(heard.live.at(-1)).toMatchObject({ edgeMs: FRAMES * FRAME_MS, ended: true });
    expect(heard.grown).toBeGreaterThan(1);
    expect(heard.failed).toEqual([]);
  });

  test('fetches what it missed, and is not turned back by a cache that gives an older one', async () => {
    const { control, script, told, asked, ended } = world(11);
    await control.join(programme, null, signal);
    const give = (number: number) => () => updates[number] ?? new Uint8Array(0);
    script.turns.push(give(14), give(12), give(14));
    script.newest = 16;
    await control.attach(SESSION, signal);
    await ended;
    expect(told).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19].filter((number) => told.includes(number)));
    expect(told.toSorted((a, b) => a - b)).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(asked).toContain(13);
  });

  test('tells a module that has forgotten something all of it again', async () => {
    const { control, script, told, ended } = world(11);
    await control.join(programme, null, signal);
    script.forgetsAt = 13;
    await control.attach(SESSION, signal);
    await ended;
    expect(told.slice(0, 9)).toEqual([9, 10, 11, 12, 9, 10, 11, 12, 13]);
  });
});

describe('BT-10: a provider or a line that does not do as it should', () => {
  test('is told of after a while, and over when it is', async () => {
    const { control, script, heard, ended } = world(11);
    await control.join(programme, null, signal);
    for (let times = 0; times <= PLAYER_LIMITS.liveQuietFailures; times += 1) {
      script.turns.push(() => {
        throw new FareboxError('network/unreachable');
      });
    }
    await control.attach(SESSION, signal);
    await ended;
    expect(heard.trouble).toEqual(['network/unreachable', null]);
    expect(heard.failed).toEqual([]);
  });

  test.each<[string, () => Promise<Uint8Array<ArrayBuffer>>, FareboxErrorCode]>([
    ['no update', async () => new Uint8Array(9), 'live/malformed'],
    [
      'an update of frames that have not begun',
      async () => {
        const update: LiveUpdate = {
          ...{
            programme: programme.manifest.programme,
            number: 12,
            previous: hashObject(updates[11] ?? new Uint8Array()),
          },
          ...{ from: 12, to: 20, ended: false, commitments: new Uint8Array(32 * 8) },
          segments: new Map([['video/720p', new Array<null>(8).fill(null)]]),
        };
        const issuedAt = NOW - 3_600_000;
        return Uint8Array.from(await signLiveUpdate({ signer: cast.provider.signer, update, issuedAt }));
      },
      'live/malformed',
    ],
    [
      'an update that goes on from another one than it gave',
      async () => {
        const update: LiveUpdate = {
          ...{ programme: programme.manifest.programme, number: 12, previous: hashObject(new Uint8Array(1)) },
          ...{ from: 12, to: 13, ended: false, commitments: new Uint8Array(32) },
          segments: new Map([['video/720p', [null]]]),
        };
        return Uint8Array.from(await signLiveUpdate({ signer: cast.provider.signer, update, issuedAt: NOW + 60_000 }));
      },
      'live/equivocation',
    ],
  ])('%s ends it with its code', async (_what, make, code) => {
    const { control, script, heard, ended } = world(11);
    await control.join(programme, null, signal);
    const bytes = await make();
    script.turns.push(() => bytes);
    await control.attach(SESSION, signal);
    await ended;
    expect(heard.failed).toEqual([code]);
  });
});

describe('BT-10: keeping to the edge', () => {
  const joined = async (wantedMs: number | null = null) => {
    const made = world(11);
    await made.control.join(programme, wantedMs, signal);
    return made;
  };

  test('goes a little faster when play has fallen behind, until it has caught up', async () => {
    const { control, rates } = await joined();
    expect(control.notice(SESSION, 9 * FRAME_MS, 1)).toBeNull();
    expect(rates).toEqual([]);
    control.notice(SESSION, 7 * FRAME_MS, 1);
    control.notice(SESSION, 8 * FRAME_MS, PLAYER_LIMITS.liveCatchUpRate);
    expect(rates).toEqual([PLAYER_LIMITS.liveCatchUpRate]);
    control.notice(SESSION, 9 * FRAME_MS, PLAYER_LIMITS.liveCatchUpRate);
    expect(rates).toEqual([PLAYER_LIMITS.liveCatchUpRate, 1]);
  });

  test('leaves a person alone who has gone back, or chosen a speed, until they go to live', async () => {
    const { control, rates } = await joined();
    control.leaveEdge();
    control.notice(SESSION, 6 * FRAME_MS, 1);
    expect(control.goLive()).toBe(9 * FRAME_MS);
    control.notice(SESSION, 6 * FRAME_MS, 1.5);
    expect(rates).toEqual([]);
  });

  test('goes to the edge from a place that has left the window', async () => {
    const { control } = await joined();
    control.leaveEdge();
    expect(control.notice(SESSION, 3 * FRAME_MS, 1)).toBe(9 * FRAME_MS);
  });

  test('keeps a seek within what is on sale', async () => {
    const { control } = await joined();
    expect(control.clampMs(0)).toBe(5 * FRAME_MS);
    expect(control.clampMs(7_777 + 6_000)).toBe(13_777);
    expect(control.clampMs(99_999)).toBe(9 * FRAME_MS);
    expect([control.wishedMs(0), control.wishedMs(11 * FRAME_MS)]).toEqual([null, 11 * FRAME_MS]);
  });
});
