// A live programme for another player, BT-5, BT-10: it names only frames that are out, that the module was told of and that this session may have,
// under numbers that stay theirs; a module that begins anew is told all of it again.

import { beforeAll, describe, expect, test, vi } from 'vitest';
import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import { hashObject } from '../../protocol/ids.ts';
import { NO_UPDATE, signLiveUpdate } from '../../protocol/live-update.ts';
import { encodeManifest, type Manifest } from '../../protocol/manifest.ts';
import { signProgramme } from '../../protocol/programme.ts';
import { makeCast, NOW } from '../../protocol/vectors/cast.ts';
import type { PlayerPorts } from '../ports.ts';
import { openOutput } from './output.ts';
import { joinOutputLine } from './output-line.ts';
import { masterPlaylist, mediaPlaylist } from './playlists.ts';
import { LOW, MANIFEST, outputWorld, SOUND } from './testing/output-world.ts';

const FRAMES = 12;
const WINDOW = 5;
/** Nothing was sent in it. */
const GAP = 7;
const CEILING = 300_000;
const LIVE = { startTime: NOW, windowFrames: WINDOW };
const signal = new AbortController().signal;

/** In these only pictures were sent. */
const UNHEARD = [3, 4, 5];

let described: Manifest;
let programme: Uint8Array<ArrayBuffer>;
let updates: Uint8Array<ArrayBuffer>[];
beforeAll(async () => {
  const { provider, programmeTerms } = await makeCast();
  const parts = MANIFEST.parts.map((part) => ({ ...part, segments: [] }));
  const frames = { frameCount: FRAMES, durationMs: FRAMES * 2_000 };
  described = { ...MANIFEST, ...frames, parts, commitments: new Uint8Array(0) };
  const terms = { ...programmeTerms, frameCount: FRAMES, live: LIVE };
  programme = Uint8Array.from(await signProgramme({ signer: provider.signer, programme: terms, issuedAt: NOW }));
  updates = [];
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const last = updates.at(-1);
    const segment = frame === GAP ? null : { hash: hashObject(Uint8Array.of(frame)), sizeBytes: 9 };
    const update = {
      ...{ programme: described.programme, number: frame, from: frame, to: frame + 1, ended: frame === FRAMES - 1 },
      previous: last === undefined ? NO_UPDATE : hashObject(last),
      segments: new Map(
        parts.map(({ label }) => [label, [label === SOUND && UNHEARD.includes(frame) ? null : segment]]),
      ),
      commitments: new Uint8Array(32),
    };
    updates.push(Uint8Array.from(await signLiveUpdate({ signer: provider.signer, update, issuedAt: NOW + 60_000 })));
  }
});

/** A provider whose newest update has that number, and a module that notes what it is told. */
function world(newest: number) {
  const script = { newest, refusals: [] as FareboxErrorCode[] };
  const told: number[] = [];
  const resting = Promise.withResolvers<void>();
  const base = outputWorld().ports;
  const ports: PlayerPorts = {
    ...base,
    provider: {
      ...base.provider,
      liveUpdate: async (_id, number) =>
        (updates[number === 'newest' ? script.newest : number] ?? new Uint8Array()).slice().buffer,
    },
    module: {
      ...base.module,
      call: async (_name, argument) => {
        const code = script.refusals.shift();
        if (code !== undefined) throw new FareboxError(code);
        const { updates: some = [] } = argument as { readonly updates?: readonly Uint8Array[] };
        told.push(...some.map((bytes) => updates.findIndex((one) => hashObject(one) === hashObject(bytes))));
        return {} as never;
      },
    },
    wallClockMs: () => NOW + 60_000,
    chance: () => 0.5,
    pause: () => resting.promise,
  };
  return { ports, script, told, goOn: resting.resolve };
}

const within = {
  within: async (_frame: number, ask: (session: string) => Promise<void>) => ask('1'.repeat(32)),
} as never;
const numbersIn = (playlist: string | null): number[] =>
  [...(playlist ?? '').matchAll(/^farebox:.*\/(\d+)\.m4s$/gm)].map(([, frame]) => Number(frame));

describe('BT-5, BT-10: a live programme for another player', () => {
  const join = (ports: PlayerPorts) => joinOutputLine(ports, { manifest: described, live: LIVE }, signal);

  test('is joined three frames behind the edge, and names nothing before the module was told', async () => {
    const { ports, told } = world(5);
    const line = await join(ports);
    expect(line.from).toBe(3);
    expect(line.listed()).toEqual({ first: 3, edge: 3, ended: false });
    await line.attach('1'.repeat(32));
    expect(told).toEqual([3, 4, 5]);
    expect(line.listed()).toEqual({ first: 3, edge: 6, ended: false });
    const playlist = mediaPlaylist(line.manifest, LOW, line.listed());
    expect(playlist).toMatch(/^#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-MEDIA-SEQUENCE:3\n/);
    expect(playlist).not.toMatch(/ENDLIST|PLAYLIST-TYPE/);
    expect(numbersIn(playlist)).toEqual([3, 4, 5]);
  });

  test('goes on with the edge and its window to the end, over a gap', async () => {
    const { ports, script, goOn } = world(5);
    const line = await join(ports);
    await line.attach('1'.repeat(32));
    script.newest = FRAMES - 1;
    line.follow(within, () => undefined, signal);
    goOn();
    await vi.waitFor(() => expect(line.listed()).toEqual({ first: FRAMES - WINDOW, edge: FRAMES, ended: true }));
    const playlist = mediaPlaylist(line.manifest, LOW, line.listed()) ?? '';
    expect(numbersIn(playlist)).toEqual([7, 8, 9, 10, 11]);
    expect(playlist.match(/#EXT-X-GAP\n.*\n.*\/(\d+)\.m4s/)?.[1]).toBe(`${GAP}`);
    expect(playlist.trim().split('\n').at(-1)).toBe('#EXT-X-ENDLIST');
  });

  test('that has ended is there from the beginning of its window', async () => {
    expect((await join(world(FRAMES - 1).ports)).from).toBe(FRAMES - WINDOW);
  });

  test('tells a module that has forgotten it all that is kept', async () => {
    const { ports, script, told } = world(5);
    const line = await join(ports);
    await line.attach('1'.repeat(32));
    await line.attach('2'.repeat(32));
    expect(told).toEqual([3, 4, 5, 3, 4, 5]);
    script.refusals.push('live/equivocation');
    await expect(line.attach('3'.repeat(32))).rejects.toThrow('live/equivocation');
  });

  test('says why it goes on no more', async () => {
    const { ports, script, goOn } = world(5);
    const line = await join(ports);
    await line.attach('1'.repeat(32));
    const heard: (FareboxErrorCode | null)[] = [];
    script.newest = 6;
    script.refusals.push('live/equivocation');
    line.follow(within, (code) => void heard.push(code), signal);
    goOn();
    await vi.waitFor(() => expect(heard).toEqual(['live/equivocation']));
    expect(() => line.listed()).toThrow('live/equivocation');
  });

  test('names no sound to a player that begins where none was sent, and names it to one that begins later', async () => {
    const manifestBytes = Uint8Array.from(encodeManifest(described));
    const masterAt = async (newest: number) => {
      const { ports } = world(newest);
      const provider: PlayerPorts['provider'] = {
        ...ports.provider,
        programme: async () => ({
          programme,
          manifest: hashObject(manifestBytes),
          providerCertificate: Uint8Array.of(2),
        }),
        content: async () => manifestBytes.slice().buffer,
      };
      const order = {
        programmeId: described.programme,
        mode: 'frames',
        ports: { ...ports, provider },
        signal,
      } as const;
      return (await openOutput(order)).answer({ programme: described.programme, kind: 'master' });
    };
    expect(await masterAt(5)).not.toMatch(/AUDIO|mp4a/);
    const later = await masterAt(6);
    expect(later).toContain('TYPE=AUDIO');
    expect(later).toContain('mp4a');
  });

  test('says of its rungs what it can know: their ceiling', async () => {
    const { ports } = world(5);
    const { manifest } = await join(ports);
    expect(masterPlaylist(manifest)).toContain(`BANDWIDTH=${CEILING + 128_000},`);
  });
});
