// The host's side of a whiteboard, BT-12: it joins at the edge, or where a session has to begin, waits for a board on which nothing was
// drawn yet, and knows when going back takes another session.

import { beforeAll, describe, expect, test } from 'vitest';
import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import { hashObject } from '../../protocol/ids.ts';
import { type LiveUpdate, NO_UPDATE, signLiveUpdate } from '../../protocol/live-update.ts';
import { encodeManifest, type Manifest } from '../../protocol/manifest.ts';
import { STROKES_CODEC, STROKES_LABEL } from '../../protocol/strokes.ts';
import { type Cast, makeCast, NOW } from '../../protocol/vectors/cast.ts';
import type { CommandName } from '../../worker-module/commands.ts';
import { frameAt } from '../media-plan.ts';
import type { LiveNow } from '../player-state.ts';
import type { PlayerPorts } from '../ports.ts';
import type { LoadedProgramme } from '../programme-loading.ts';
import { createLiveControl } from './live-control.ts';

const LONGEST_MS = 2_000;
/** When each stroke began; the last update says that the board is closed. */
const BEGAN = [1_000, 4_000, 90_000, 91_500];
const TERMS = { startTime: NOW, windowFrames: 64 };

let cast: Cast;
let updates: Uint8Array<ArrayBuffer>[];
let programme: LoadedProgramme;
beforeAll(async () => {
  cast = await makeCast();
  const manifest: Manifest = {
    ...{ programme: cast.manifest.programme, frameCount: 64, frameDurationMs: LONGEST_MS, durationMs: 64 * LONGEST_MS },
    parts: [
      {
        ...{ kind: 'strokes', label: STROKES_LABEL, codec: STROKES_CODEC, bitrate: 1, init: new Uint8Array(0) },
        ...{ segments: [], width: 16, height: 10 },
      },
    ],
    ...{ commitments: new Uint8Array(0), poster: cast.manifest.poster, playlists: new Map() },
    ...{ chapters: [], previews: null },
  };
  const manifestBytes = Uint8Array.from(encodeManifest(manifest));
  const { programmeBytes } = cast;
  programme = {
    ...{
      programmeId: manifest.programme,
      programme: Uint8Array.from(programmeBytes),
      manifestBytes,
      manifest,
      live: TERMS,
    },
    ...{ providerCertificate: new Uint8Array(1) },
  };
  updates = [];
  for (const [frame, beganMs] of [...BEGAN, null].entries()) {
    const last = updates.at(-1);
    const added = beganMs === null ? 0 : 1;
    const update: LiveUpdate = {
      ...{ programme: manifest.programme, number: frame, from: frame, to: frame + added, ended: added === 0 },
      previous: last === undefined ? NO_UPDATE : hashObject(last),
      segments: new Map([
        [
          STROKES_LABEL,
          Array.from({ length: added }, () => ({ hash: hashObject(Uint8Array.of(frame)), sizeBytes: 9 })),
        ],
      ]),
      commitments: new Uint8Array(32 * added),
      began: beganMs === null ? [] : [beganMs],
    };
    const signing = { signer: cast.provider.signer, update, issuedAt: NOW + 100_000 };
    updates.push(Uint8Array.from(await signLiveUpdate(signing)));
  }
});

/** A provider with so many updates out; it publishes one more at each pause. */
function world(out: number) {
  const script = { out };
  const told: number[] = [];
  const asked: (number | 'newest')[] = [];
  const heard: { live: (LiveNow | null)[]; failed: FareboxErrorCode[] } = { live: [], failed: [] };
  const ended = Promise.withResolvers<void>();
  const ports = {
    provider: {
      liveUpdate: async (_id: string, number: number | 'newest') => {
        asked.push(number);
        const bytes = updates[number === 'newest' ? script.out - 1 : number];
        if (bytes === undefined) throw new FareboxError('live/not-live');
        return bytes.slice().buffer;
      },
    },
    module: {
      call: async (name: CommandName, argument: { updates?: readonly Uint8Array[] }) => {
        if (name !== 'extendManifest') throw new Error(`${name} was not to be called`);
        for (const bytes of argument.updates ?? []) {
          told.push(updates.findIndex((one) => hashObject(one) === hashObject(bytes)));
        }
        return null;
      },
    },
    chance: () => 0.5,
    wallClockMs: () => NOW + 200_000,
    pause: async (_ms: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      if (script.out < updates.length) script.out += 1;
    },
  };
  const control = createLiveControl(ports as unknown as PlayerPorts, {
    onLive: (live) => {
      heard.live.push(live);
      if (live?.ended === true) ended.resolve();
    },
    onGrown: () => undefined,
    onTrouble: () => undefined,
    onFailed: (code) => {
      heard.failed.push(code);
      ended.resolve();
    },
  });
  return { control, told, asked, heard, ended: ended.promise };
}

const signal = new AbortController().signal;

describe('BT-12: joining a board', () => {
  test('that goes on is at its edge, behind the newest stroke, and asks for nothing before it', async () => {
    const { control, asked, heard } = world(3);
    const { from, fromMs, manifest } = await control.join(programme, null, signal);
    expect([from, fromMs, asked]).toEqual([3, 90_001, ['newest']]);
    expect(manifest.begins?.[1]).toBeUndefined();
    expect(heard.live.at(-1)).toEqual({ firstMs: 0, edgeMs: 92_000, liveMs: 90_001, ended: false });
    expect(control.edge()).toBe(3);
  });

  test('on which nothing was drawn waits for its first stroke, and hears of all to the end', async () => {
    const { control, told, heard, ended } = world(0);
    expect(await control.join(programme, null, signal)).toMatchObject({ from: 0, fromMs: 0 });
    expect([control.edge(), heard.live.at(-1)]).toEqual([0, { firstMs: 0, edgeMs: 0, liveMs: 0, ended: false }]);
    await control.attach('e'.repeat(32), signal);
    await ended;
    expect([told, heard.failed]).toEqual([[0, 1, 2, 3, 4], []]);
  });

  test('that has ended is at its first stroke, with all that is known of it', async () => {
    const { control, told } = world(5);
    expect(await control.join(programme, null, signal)).toMatchObject({ from: 0, fromMs: 0 });
    await control.attach('e'.repeat(32), signal);
    expect(told).toEqual([0, 1, 2, 3, 4]);
  });

  test('again from the beginning goes there', async () => {
    const { control } = world(3);
    expect(await control.join(programme, 0, signal)).toMatchObject({ from: 0, fromMs: 0 });
  });

  test('with a session that is open begins with its first stroke, and goes to the edge', async () => {
    const { control, told } = world(4);
    expect(await control.join(programme, null, signal, async () => 1)).toMatchObject({ from: 1, fromMs: 91_501 });
    await control.attach('e'.repeat(32), signal);
    expect(told.slice(0, 3)).toEqual([1, 2, 3]);
  });

  test('where a session has to begin is there once, whatever else is open', async () => {
    const { control } = world(4);
    await control.join(programme, null, signal);
    expect(control.beginAt(2)).toBe(true);
    control.stop();
    expect(await control.join(programme, 90_500, signal, async () => 0)).toMatchObject({ from: 2, fromMs: 90_500 });
    expect(await control.join(programme, null, signal)).toMatchObject({ from: 4 });
  });
});

describe('BT-12: places on a board', () => {
  test('before the stroke that the session began with take another session, and no others do', async () => {
    const { control } = world(3);
    await control.join(programme, null, signal);
    expect([0, 90_000, 90_001, 99_000].map((placeMs) => control.isBefore(placeMs))).toEqual([true, true, false, false]);
    expect([89_000, 80_000, 79_000, 0].map(control.clampMs)).toEqual([90_001, 90_001, 79_000, 0]);
    expect(control.goLive()).toBe(90_001);
    expect(control.notice('e'.repeat(32), 0, 1)).toBeNull();
    const whole = world(3);
    await whole.control.join(programme, 0, signal);
    expect(whole.control.isBefore(0)).toBe(false);
  });

  test('belong to the newest stroke that had begun by then', () => {
    const begins: number[] = [];
    const times = { frameCount: 64, frameDurationMs: LONGEST_MS, begins };
    expect(frameAt(times, 5_000)).toBe(0);
    for (const [at, beganMs] of BEGAN.entries()) begins[at + 7] = beganMs;
    expect([0, 1_000, 89_999, 90_000, 500_000].map((placeMs) => frameAt(times, placeMs))).toEqual([0, 7, 8, 9, 10]);
    expect(frameAt({ frameCount: 64, frameDurationMs: LONGEST_MS }, 5_000)).toBe(2);
  });
});
