// A programme of really sealed parts, a provider that serves them and a module that opens or gives keys as it is told, and counts. Used by the
// tests of this folder.

import { CAPTIONS_CODEC, type Cue, encodeCaptions } from '../../../protocol/captions.ts';
import { FareboxError, type FareboxErrorCode } from '../../../protocol/errors.ts';
import { type ContentHash, decodeProgrammeId, hashObject } from '../../../protocol/ids.ts';
import { encodeManifest, type Manifest } from '../../../protocol/manifest.ts';
import { derivePartKey, openPart, sealPart } from '../../../protocol/parts.ts';
import type { FrameRange } from '../../../protocol/ranges.ts';
import { coversFrame } from '../../../protocol/ranges.ts';
import { webCryptoSuite as suite } from '../../../protocol/suite/webcrypto.ts';
import type { CommandName, Commands, SessionView } from '../../../worker-module/commands.ts';
import type { ModuleEvent } from '../../../worker-module/events.ts';
import type { PlayerPorts } from '../../ports.ts';
import { sessionView } from '../../testing/scripted-world.ts';

export const PROGRAMME = decodeProgrammeId('5'.repeat(32));
export const FRAMES = 6;
export const LOW = 'video/180p';
export const HIGH = 'video/360p';
export const SOUND = 'audio/main';
const FRAME_KEY = new Uint8Array(32).fill(9);
const CHARACTERS = new TextEncoder();

export const CAPTIONS = 'captions/en';
/** A frame without captions. */
export const SILENT = 1;

/** What is said in a frame: text that has to be told from markup. */
export const cueOf = (frame: number): Cue => ({
  ...{ startMs: frame * 2_000, endMs: frame * 2_000 + 1_500 },
  lines: [[{ text: `<i> & ${frame}`, style: 2 }]],
  settings: { line: -1, position: 50, align: 'center' },
});

/** The clear bytes of a part. */
export const clearOf = (label: string, frame: number): Uint8Array =>
  label === CAPTIONS ? encodeCaptions([cueOf(frame)]) : CHARACTERS.encode(`clear ${label} ${frame}`);

const files = new Map<string, ArrayBuffer>();
async function segmentsOf(label: string): Promise<{ hash: ContentHash; sizeBytes: number }[]> {
  const made: { hash: ContentHash; sizeBytes: number }[] = [];
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const place = { frameKey: FRAME_KEY, programme: PROGRAMME, label, frame };
    const sealed = await sealPart({ ...place, clear: clearOf(label, frame), suite });
    const hash = hashObject(sealed);
    files.set(hash, Uint8Array.from(sealed).buffer);
    made.push({ hash, sizeBytes: sealed.length });
  }
  return made;
}

const video = { kind: 'video', codec: 'avc1.64001f', pictureRate: 30_000, init: Uint8Array.of(1, 2) } as const;
const sound = { kind: 'audio', codec: 'mp4a.40.2', bitrate: 128_000, channels: 2, sampleRate: 48_000 } as const;

const captions = { kind: 'captions', codec: CAPTIONS_CODEC, bitrate: 100, role: 'captions' } as const;

/** Two rungs, one sound track, captions. */
export const MANIFEST: Manifest = {
  programme: PROGRAMME,
  frameCount: FRAMES,
  frameDurationMs: 2_000,
  durationMs: FRAMES * 2_000 - 500,
  parts: [
    { ...video, label: LOW, width: 320, height: 180, bitrate: 300_000, segments: await segmentsOf(LOW) },
    { ...video, label: HIGH, width: 640, height: 360, bitrate: 800_000, segments: await segmentsOf(HIGH) },
    {
      ...sound,
      ...{ label: SOUND, init: Uint8Array.of(3), segments: await segmentsOf(SOUND) },
      ...{ language: 'en', name: 'Stereo', role: 'main' },
    },
    {
      ...captions,
      ...{ label: CAPTIONS, init: new Uint8Array(0), language: 'en', name: 'For all' },
      segments: (await segmentsOf(CAPTIONS)).map((segment, frame) => (frame === SILENT ? null : segment)),
    },
  ],
  commitments: new Uint8Array(32 * FRAMES),
  poster: hashObject(Uint8Array.of(7)),
  playlists: new Map(),
  chapters: [],
  previews: null,
};
const MANIFEST_BYTES = Uint8Array.from(encodeManifest(MANIFEST));

/** What a test may choose. */
export type OutputScript = { readonly granted?: readonly FrameRange[]; readonly refusedMode?: boolean };

/** A world in which nothing was asked yet. */
export function outputWorld(script: OutputScript = {}) {
  const calls: { readonly name: CommandName; readonly argument: object }[] = [];
  const refusals: Partial<Record<CommandName, FareboxErrorCode[]>> = {};
  const torn: string[] = [];
  const fetched: { readonly hash: string; readonly fresh: boolean }[] = [];
  const begun: { readonly from: number; readonly mode: string }[] = [];
  const settled: string[] = [];
  const counted = new Set<number>();
  let listener: (event: ModuleEvent) => void = () => undefined;
  let view: SessionView = sessionView({ programme: PROGRAMME, frameCount: FRAMES });

  const count = (frame: number): boolean => {
    if (!coversFrame(view.granted, frame)) throw new FareboxError('grant/not-covered', { frame });
    const replay = counted.has(frame);
    counted.add(frame);
    listener({
      ...{ type: 'frame', session: view.session, frame, late: false, rung: LOW, code: null },
      ...{ outcome: replay ? 'replayed' : 'decrypted', count: counted.size, counter: 1 },
      amountMinor: counted.size * 20,
    });
    return replay;
  };
  const place = (label: string, frame: number) => ({ frameKey: FRAME_KEY, programme: PROGRAMME, label, frame });
  const answers: { [K in CommandName]?: (argument: Parameters<Commands[K]>[0]) => Promise<ReturnType<Commands[K]>> } = {
    resumeSession: async () => view,
    openFrame: async ({ frame, parts }) => {
      const opened = parts.map(async ({ label, sealed }) => {
        const clear = await openPart({ ...place(label, frame), sealed: new Uint8Array(sealed), suite });
        return { label, clear };
      });
      return { parts: await Promise.all(opened), replay: count(frame) };
    },
    frameKeys: async ({ frame, labels }) => {
      const keys = labels.map(async (label) => ({
        label,
        key: await derivePartKey(FRAME_KEY, PROGRAMME, label, suite),
      }));
      return { replay: count(frame), keys: await Promise.all(keys) };
    },
  };
  const ports: PlayerPorts = {
    module: {
      async call(name, argument) {
        calls.push({ name, argument });
        const code = refusals[name]?.shift();
        if (code !== undefined) throw new FareboxError(code);
        const answer = answers[name];
        if (answer === undefined) throw new Error(`the script has no answer to ${name}`);
        return answer(argument);
      },
      onEvent: (next) => {
        listener = next;
        return () => {
          listener = () => undefined;
        };
      },
      onState: () => () => undefined,
    },
    provider: {
      liveUpdate: () => Promise.reject(new FareboxError('live/not-live')),
      programme: async () => ({
        programme: Uint8Array.of(1),
        manifest: hashObject(MANIFEST_BYTES),
        providerCertificate: Uint8Array.of(2),
      }),
      async content(hash, { fresh = false, signal }) {
        signal.throwIfAborted();
        if (hash === hashObject(MANIFEST_BYTES)) return MANIFEST_BYTES.slice().buffer;
        fetched.push({ hash, fresh });
        const file = files.get(hash)?.slice(0);
        if (file === undefined) throw new FareboxError('network/bad-status', { status: 404 });
        const at = torn.indexOf(hash);
        if (at >= 0) torn.splice(at, 1);
        return at < 0 ? file : new Uint8Array(file).map((byte, place) => (place === 5 ? byte ^ 1 : byte)).buffer;
      },
    },
    relay: {
      prepare: async () => undefined,
      async beginSession({ from, mode, material }) {
        await material;
        if (script.refusedMode) throw new FareboxError('grant/mode');
        begun.push({ from, mode });
        counted.clear();
        const first = begun.length === 1;
        const granted = (first ? script.granted : undefined) ?? [[first ? 0 : from, FRAMES]];
        view = { ...view, mode, granted, session: `${begun.length}`.repeat(32) };
        return view;
      },
      settle: async (session) => void settled.push(session),
      release: async () => undefined,
    },
    nowMs: () => performance.now(),
    wallClockMs: () => 5_000,
    pause: async () => undefined,
    chance: () => 0,
  };
  return {
    ...{ ports, calls, refusals, torn, fetched, begun, settled, counted },
    emit: (event: ModuleEvent) => listener(event),
    asked: (name: CommandName) => calls.filter((call) => call.name === name).map(({ argument }) => argument),
  };
}
