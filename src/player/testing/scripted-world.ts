// A module, a provider and a relay that do as a test tells them, and keep every call. Used by the tests of the player.

import { expect, vi } from 'vitest';
import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import { decodeContentHash, decodeProgrammeId, hashObject } from '../../protocol/ids.ts';
import { encodeManifest } from '../../protocol/manifest.ts';
import type { FrameRange } from '../../protocol/ranges.ts';
import type { CommandName, Commands, SessionView } from '../../worker-module/commands.ts';
import type { ModuleEvent } from '../../worker-module/events.ts';
import { createPlayer } from '../player.ts';
import type { ModuleLife, PlayerPorts } from '../ports.ts';

export const PROGRAMME = decodeProgrammeId('1'.repeat(32));
export const SESSION = 'e'.repeat(32);
export const FRAMES = 30;
export const SEGMENT_BYTES = 40_000;

export const segmentHash = (part: number, frame: number) =>
  decodeContentHash(`${part}${String(frame).padStart(63, '0')}`);
const segments = (part: number) =>
  Array.from({ length: FRAMES }, (_, frame) => ({ hash: segmentHash(part, frame), sizeBytes: SEGMENT_BYTES }));
const video = (part: number, height: number, bitrate: number) => ({
  label: `video/${height}p`,
  kind: 'video' as const,
  codec: 'avc1.4d401f',
  bitrate,
  width: (height * 16) / 9,
  height,
  pictureRate: 30_000,
  init: new Uint8Array([1]),
  segments: segments(part),
});
export const MANIFEST = encodeManifest({
  programme: PROGRAMME,
  frameCount: FRAMES,
  frameDurationMs: 2_000,
  durationMs: FRAMES * 2_000,
  parts: [
    video(1, 360, 800_000),
    video(2, 720, 2_400_000),
    {
      label: 'audio/main',
      kind: 'audio',
      codec: 'mp4a.40.2',
      bitrate: 128_000,
      channels: 2,
      sampleRate: 48_000,
      language: '',
      name: '',
      role: 'main',
      init: new Uint8Array([2]),
      segments: segments(3),
    },
    {
      ...{ label: 'audio/de', kind: 'audio', codec: 'mp4a.40.2', bitrate: 128_000, channels: 2, sampleRate: 48_000 },
      ...{ language: 'de', name: 'Deutsch', role: 'dub', init: new Uint8Array([2]), segments: segments(4) },
    },
    {
      ...{ label: 'captions/en', kind: 'captions', codec: 'fbcc', bitrate: 200, init: new Uint8Array() },
      ...{ language: 'en', name: '', role: 'captions', segments: segments(5) },
    },
  ],
  commitments: new Uint8Array(32 * FRAMES),
  poster: decodeContentHash('f'.repeat(64)),
  playlists: new Map(),
  chapters: [{ startMs: 0, title: 'Morning' }],
  previews: {
    ...{ width: 160, height: 90, columns: 4, rows: 4, intervalMs: 2_000 },
    sheets: [0, 1].map((sheet) => ({ hash: segmentHash(6, sheet), sizeBytes: SEGMENT_BYTES })),
  },
});

export const sessionView = (changes: Partial<SessionView> = {}): SessionView => ({
  session: SESSION,
  programme: PROGRAMME,
  title: 'Clockwork',
  mode: 'display',
  state: 'open',
  currency: 'EUR',
  priceMinor: 20,
  creditMinor: 1_000,
  expires: 10_000,
  frameCount: FRAMES,
  frameDurationMs: 2_000,
  granted: [[0, FRAMES]],
  decrypted: [],
  lateFrames: [],
  failedFrames: [],
  count: 0,
  amountMinor: 0,
  counter: 1,
  openedTime: 1,
  positionMs: 0,
  contract: null,
  live: null,
  offline: false,
  sequence: 'tree',
  unused: false,
  ...changes,
});

/** A code, or a code with the status that the provider answered. */
type Fault = FareboxErrorCode | { readonly code: FareboxErrorCode; readonly status: number };

function failWith(fault: Fault | undefined): void {
  if (fault === undefined) return;
  throw typeof fault === 'string' ? new FareboxError(fault) : new FareboxError(fault.code, { status: fault.status });
}

/** A module and a provider that do as they are told; every call is kept. */
export function scripted(script: { readonly granted?: readonly FrameRange[]; readonly open?: SessionView } = {}) {
  const calls: { name: string; argument: unknown }[] = [];
  const fetched: { hash: string; fresh: boolean }[] = [];
  /** Every content request with what it said about itself. */
  const asked: { hash: string; cmcd: string | undefined }[] = [];
  const failures = new Map<string, FareboxErrorCode[]>();
  const contentFailures = new Map<string, Fault[]>();
  const manifestFailures: Fault[] = [];
  const begun: number[] = [];
  const settled: string[] = [];
  const released: string[] = [];
  let emit: (event: ModuleEvent) => void = () => expect.unreachable();
  let live: (life: ModuleLife) => void = () => expect.unreachable();
  let manifest: Uint8Array<ArrayBuffer> = Uint8Array.from(MANIFEST);

  const answers: Partial<{ [K in CommandName]: () => ReturnType<Commands[K]> }> = {
    sessions: () => (script.open ? [script.open] : []),
    resumeSession: () => script.open ?? sessionView({ positionMs: 6_000 }),
    deliver: () => ({ replay: false }),
    play: () => null,
    pause: () => null,
    seek: () => null,
    setVolume: () => null,
    setSound: () => null,
    setCaptions: () => null,
    setRate: () => null,
    setCaptionStyle: () => null,
    preview: () => null,
    deliverSheet: () => null,
    closeSession: () => ({ receiptFile: new Uint8Array([9]) }),
  };
  const ports: PlayerPorts = {
    module: {
      async call(name, argument) {
        calls.push({ name, argument });
        const code = failures.get(name)?.shift();
        if (code !== undefined) throw new FareboxError(code);
        const answer = answers[name];
        if (answer === undefined) throw new Error(`The script has no answer to ${name}.`);
        return answer();
      },
      onEvent(listener) {
        emit = listener;
        return () => undefined;
      },
      onState(listener) {
        live = listener;
        listener('ready');
        return () => undefined;
      },
    },
    provider: {
      liveUpdate: () => Promise.reject(new FareboxError('live/not-live')),
      programme: async () => ({
        programme: new Uint8Array([1]),
        manifest: hashObject(MANIFEST),
        providerCertificate: new Uint8Array([2]),
      }),
      async content(hash, { fresh = false, signal, cmcd }) {
        signal.throwIfAborted();
        asked.push({ hash, cmcd });
        if (hash === hashObject(MANIFEST)) {
          failWith(manifestFailures.shift());
          return manifest.buffer;
        }
        fetched.push({ hash, fresh });
        failWith(contentFailures.get(hash)?.shift());
        return new ArrayBuffer(SEGMENT_BYTES);
      },
    },
    relay: {
      async prepare() {
        calls.push({ name: 'prepare', argument: {} });
      },
      async beginSession({ from, material, sequence: chosen }) {
        await material;
        const sequence = chosen ?? 'tree';
        begun.push(from);
        return begun.length === 1 && script.granted
          ? sessionView({ granted: script.granted, sequence })
          : sessionView({ session: begun.length === 1 ? SESSION : 'd'.repeat(32), sequence });
      },
      async settle(session) {
        settled.push(session);
      },
      async release(session) {
        released.push(session);
      },
    },
    nowMs: () => performance.now(),
    wallClockMs: () => 5_000,
    pause: async () => undefined,
    chance: () => 0,
  };
  return {
    ports,
    calls,
    fetched,
    asked,
    begun,
    settled,
    released,
    failures,
    contentFailures,
    manifestFailures,
    emit: (event: ModuleEvent) => emit(event),
    live: (life: ModuleLife) => live(life),
    tearManifest: () => {
      manifest = Uint8Array.from(MANIFEST, (byte, at) => (at === 40 ? byte ^ 1 : byte));
    },
    delivered: () =>
      calls.flatMap(({ name, argument }) =>
        name === 'deliver' && typeof argument === 'object' && argument !== null && 'frame' in argument
          ? [argument.frame]
          : [],
      ),
  };
}

const STATISTICS = { picturesDrawn: 1, picturesDropped: 0, soundOffsetMs: 0 };
export const display = (
  state: 'playing' | 'waiting' | 'ended',
  positionMs: number,
): Extract<ModuleEvent, { type: 'display' }> => ({
  type: 'display',
  session: SESSION,
  state,
  positionMs,
  rate: 1,
  statistics: STATISTICS,
});
export const wanted = (...frames: readonly number[]): ModuleEvent => ({
  ...{ type: 'wanted', session: SESSION },
  ...{ frames, tracks: [], sheets: [] },
});

export async function opened(script: Parameters<typeof scripted>[0] = {}) {
  const world = scripted(script);
  const player = createPlayer(world.ports);
  player.open(PROGRAMME);
  await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
  return { world, player };
}
