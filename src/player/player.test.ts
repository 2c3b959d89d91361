import { describe, expect, it, vi } from 'vitest';
import { FareboxError, type FareboxErrorCode } from '../protocol/errors.ts';
import { decodeContentHash, decodeProgrammeId, hashObject } from '../protocol/ids.ts';
import { encodeManifest } from '../protocol/manifest.ts';
import type { FrameRange } from '../protocol/ranges.ts';
import type { CommandName, Commands, SessionView } from '../worker-module/commands.ts';
import type { ModuleEvent } from '../worker-module/events.ts';
import { createPlayer } from './player.ts';
import type { ModuleLife, PlayerPorts } from './ports.ts';

const PROGRAMME = decodeProgrammeId('1'.repeat(32));
const SESSION = 'e'.repeat(32);
const FRAMES = 30;
const SEGMENT_BYTES = 40_000;

const segmentHash = (part: number, frame: number) => decodeContentHash(`${part}${String(frame).padStart(63, '0')}`);
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
const MANIFEST = encodeManifest({
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
      init: new Uint8Array([2]),
      segments: segments(3),
    },
  ],
  commitments: new Uint8Array(32 * FRAMES),
  poster: decodeContentHash('f'.repeat(64)),
  playlists: new Map(),
});

const sessionView = (changes: Partial<SessionView> = {}): SessionView => ({
  session: SESSION,
  programme: PROGRAMME,
  title: 'Clockwork',
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
  ...changes,
});

/** A module and a provider that do as they are told; every call is kept. */
function scripted(script: { readonly granted?: readonly FrameRange[]; readonly open?: SessionView } = {}) {
  const calls: { name: string; argument: unknown }[] = [];
  const fetched: { hash: string; fresh: boolean }[] = [];
  const failures = new Map<string, FareboxErrorCode[]>();
  const contentFailures = new Map<string, FareboxErrorCode[]>();
  const begun: number[] = [];
  const settled: string[] = [];
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
      programme: async () => ({
        programme: new Uint8Array([1]),
        manifest: hashObject(MANIFEST),
        providerCertificate: new Uint8Array([2]),
      }),
      async content(hash, { fresh = false, signal }) {
        signal.throwIfAborted();
        if (hash === hashObject(MANIFEST)) return manifest.buffer;
        fetched.push({ hash, fresh });
        const code = contentFailures.get(hash)?.shift();
        if (code !== undefined) throw new FareboxError(code);
        return new ArrayBuffer(SEGMENT_BYTES);
      },
    },
    relay: {
      async beginSession({ from }) {
        begun.push(from);
        return begun.length === 1 && script.granted
          ? sessionView({ granted: script.granted })
          : sessionView({ session: begun.length === 1 ? SESSION : 'd'.repeat(32) });
      },
      async settle(session) {
        settled.push(session);
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
    begun,
    settled,
    failures,
    contentFailures,
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
const display = (state: 'playing' | 'waiting' | 'ended', positionMs: number): ModuleEvent => ({
  type: 'display',
  session: SESSION,
  state,
  positionMs,
  statistics: STATISTICS,
});
const wanted = (...frames: readonly number[]): ModuleEvent => ({ type: 'wanted', session: SESSION, frames });

async function opened(script: Parameters<typeof scripted>[0] = {}) {
  const world = scripted(script);
  const player = createPlayer(world.ports);
  player.open(PROGRAMME);
  await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
  return { world, player };
}

describe('the player', () => {
  it('CARD-3: brings the sealed parts of the frames that the display wants, at one rung with its sound', async () => {
    const { world } = await opened();
    world.emit(wanted(0, 1));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 1]));
    const first = world.calls.find(({ name }) => name === 'deliver');
    expect(first?.argument).toMatchObject({
      session: SESSION,
      parts: [
        { label: 'video/360p', sealed: { byteLength: SEGMENT_BYTES } },
        { label: 'audio/main', sealed: { byteLength: SEGMENT_BYTES } },
      ],
    });
  });

  it('delivers a list that came before the answer which named its session', async () => {
    const world = scripted();
    const player = createPlayer(world.ports);
    player.open(PROGRAMME);
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0]));
  });

  it('BT-4: fetches any place after a seek, and gives the module that place', async () => {
    const { world, player } = await opened();
    player.seek(41_000);
    world.emit(wanted(20));
    await vi.waitFor(() => expect(world.delivered()).toContain(20));
    expect(world.calls).toContainEqual({ name: 'seek', argument: { session: SESSION, positionMs: 41_000 } });
  });

  it('takes up the open session of the programme instead of paying for another', async () => {
    const { world, player } = await opened({ open: sessionView({ positionMs: 12_000, count: 6, amountMinor: 120 }) });
    expect(world.begun).toEqual([]);
    expect(player.state.getSnapshot()).toMatchObject({ positionMs: 12_000, tally: { count: 6 } });
  });

  it('begins anew where the open session has run out', async () => {
    const { world } = await opened({ open: sessionView({ expires: 4_999 }) });
    expect(world.begun).toEqual([0]);
  });

  it('closes, settles and goes on with a new session where the grant ends', async () => {
    const { world, player } = await opened({ granted: [[0, 2]] });
    world.emit(wanted(2));
    world.emit(display('waiting', 4_000));
    await vi.waitFor(() => expect(world.begun).toEqual([0, 2]));
    expect(world.settled).toEqual([SESSION]);
    await vi.waitFor(() =>
      expect(player.state.getSnapshot()).toMatchObject({ session: 'd'.repeat(32), positionMs: 4_000 }),
    );
  });

  it('does not end a session whose last frames are still being shown', async () => {
    const { world } = await opened({ granted: [[0, 2]] });
    world.emit(display('playing', 2_500));
    world.emit(wanted(2, 3));
    expect(world.settled).toEqual([]);
  });

  it('CARD-3: takes the session up again when the module was restarted', async () => {
    const { world, player } = await opened();
    world.emit(display('playing', 7_300));
    world.live('restarting');
    expect(player.state.getSnapshot().phase).toBe('resuming');
    world.live('ready');
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
    expect(world.calls).toContainEqual({ name: 'seek', argument: { session: SESSION, positionMs: 7_300 } });
  });

  it('asks past the cache, once, for a frame that the module could not open', async () => {
    const { world, player } = await opened();
    world.failures.set('deliver', ['frame/tampered', 'frame/tampered']);
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 0]));
    expect(world.fetched.filter(({ hash }) => hash === segmentHash(3, 0)).map(({ fresh }) => fresh)).toEqual([
      false,
      true,
    ]);
    expect(player.state.getSnapshot().phase).toBe('waiting');
  });

  it('BT-4: goes on after frames that the module could not open, when play has come to them', async () => {
    const { world } = await opened();
    world.failures.set('deliver', ['frame/tampered', 'frame/tampered', 'frame/cut', 'frame/cut']);
    world.emit(wanted(0, 1));
    await vi.waitFor(() => expect(world.delivered().toSorted()).toEqual([0, 0, 1, 1]));
    expect(world.calls.map(({ name }) => name)).not.toContain('seek');
    world.emit(display('waiting', 0));
    expect(world.calls).toContainEqual({ name: 'seek', argument: { session: SESSION, positionMs: 4_000 } });
  });

  it('BT-8: has the receipt made where the last frame cannot be opened', async () => {
    const { world, player } = await opened();
    world.failures.set('deliver', ['frame/tampered', 'frame/tampered']);
    world.emit(wanted(FRAMES - 1));
    world.emit(display('waiting', (FRAMES - 1) * 2_000));
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('stopped'));
    expect(world.delivered()).toEqual([FRAMES - 1, FRAMES - 1]);
  });

  it('goes on asking while the line is bad, and says so until it is good', async () => {
    const world = scripted();
    world.contentFailures.set(segmentHash(1, 0), ['network/timeout', 'network/timeout', 'network/timeout']);
    const player = createPlayer(world.ports);
    const troubles = new Set<string | null>();
    player.state.subscribe(() => troubles.add(player.state.getSnapshot().trouble));
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toContain(0));
    expect(troubles).toContain('network/timeout');
    expect(player.state.getSnapshot().trouble).toBeNull();
  });

  it('refuses a manifest that is not the one the programme names', async () => {
    const world = scripted();
    world.tearManifest();
    const player = createPlayer(world.ports);
    player.open(PROGRAMME);
    await vi.waitFor(() =>
      expect(player.state.getSnapshot()).toMatchObject({ phase: 'failed', code: 'programme/other-manifest' }),
    );
    expect(world.begun).toEqual([]);
  });

  it('BT-8: has the receipt made at the end of the programme, then settles it', async () => {
    const { world, player } = await opened();
    world.emit(display('ended', 60_000));
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('stopped'));
    expect(world.calls).toContainEqual({ name: 'closeSession', argument: { session: SESSION } });
    expect(world.settled).toEqual([SESSION]);
  });

  it('BT-7: shows the counts and the money that the module tells, and what is left of the allowance', async () => {
    const { world, player } = await opened();
    const frame = { type: 'frame', session: SESSION, rung: 'video/720p', code: null } as const;
    world.emit({ ...frame, frame: 0, outcome: 'decrypted', late: false, count: 1, amountMinor: 20, counter: 4 });
    world.emit({ ...frame, frame: 1, outcome: 'decrypted', late: true, count: 2, amountMinor: 40, counter: 6 });
    world.emit({
      ...frame,
      frame: 2,
      outcome: 'failed',
      late: false,
      code: 'frame/tampered',
      count: 2,
      amountMinor: 40,
      counter: 8,
    });
    world.emit({ ...frame, frame: 3, outcome: 'withheld', late: false, count: 2, amountMinor: 40, counter: 10 });
    const { tally } = player.state.getSnapshot();
    expect(tally).toMatchObject({ count: 2, late: 1, failed: 1, counter: 10, rung: 'video/720p' });
    expect([...(tally?.marks.subarray(0, 4) ?? [])]).toEqual([1, 2, 3, 0]);
    expect(tally?.spent.amountMinor).toBe(40n);
    expect(tally?.allowance.amountMinor).toBe(1_000n + 30n * 20n - 40n);
  });

  it('hears nothing of another session', async () => {
    const { world, player } = await opened();
    world.emit({ ...display('playing', 9_000), session: 'c'.repeat(32) });
    expect(player.state.getSnapshot()).toMatchObject({ phase: 'waiting', positionMs: 0 });
  });

  it('holds the session when the page is left, and makes no receipt', async () => {
    const { world, player } = await opened();
    player.leave();
    expect(world.calls).toContainEqual({ name: 'pause', argument: { session: SESSION } });
    expect(world.calls.map(({ name }) => name)).not.toContain('closeSession');
    expect(player.state.getSnapshot().phase).toBe('idle');
  });
});
