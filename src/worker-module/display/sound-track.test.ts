// Which sound is heard: the chosen one where it is here, what the frame came with until then, and the other again from the place of play.
// The decoder is a stand-in that gives samples of the value that its track stands for; everything after it is the product's own.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeContentHash, decodeProgrammeId } from '../../protocol/ids.ts';
import type { Manifest, ManifestPart } from '../../protocol/manifest.ts';
import { DisplayReporter } from './display-reporter.ts';
import { PlayClock } from './play-clock.ts';
import { Signal } from './signal.ts';
import { SlotWindow } from './slot-window.ts';
import { SoundDevice } from './sound-device.ts';
import { SoundTrack } from './sound-track.ts';
import { runTasks } from './testing/run-tasks.ts';
import { Timeline } from './timeline.ts';

const MAIN = 'audio/main';
const OTHER = 'audio/de';
const SLOT_MS = 2_000;
const RATE_HZ = 1_000;
const VALUES: Readonly<Record<string, number>> = { [MAIN]: 1, [OTHER]: 2 };

vi.mock('./demux.ts', () => ({
  demuxSound: async (label: string, _init: Uint8Array, [frame = 0]: Uint8Array) => ({
    config: { codec: 'x', numberOfChannels: 1, sampleRate: RATE_HZ },
    chunks: [{ label, timestamp: frame * SLOT_MS * 1_000, duration: SLOT_MS * 1_000 }],
  }),
}));

type Chunk = { readonly label: string; readonly timestamp: number };

/** Gives a slot of samples for each chunk. */
class TestDecoder {
  static readonly isConfigSupported = async () => ({ supported: true });
  readonly decodeQueueSize = 0;
  state = 'configured';
  ondequeue: (() => void) | null = null;
  readonly #output: (decoded: object) => void;
  constructor({ output }: { output: (decoded: object) => void }) {
    this.#output = output;
  }
  configure(): void {}
  async flush(): Promise<void> {}
  close(): void {
    this.state = 'closed';
  }
  decode({ label, timestamp }: Chunk): void {
    const length = (SLOT_MS * RATE_HZ) / 1_000;
    const copyTo = (into: Float32Array) => into.fill(VALUES[label] ?? 0);
    this.#output({ timestamp, numberOfChannels: 1, numberOfFrames: length, copyTo, close: () => undefined });
  }
}

const hash = decodeContentHash('00'.repeat(32));
const audio = (label: string): ManifestPart => ({
  ...{ kind: 'audio', label, codec: 'x', bitrate: 1, init: new Uint8Array(1), channels: 1, sampleRate: RATE_HZ },
  ...{ segments: [0, 1, 2].map(() => ({ hash, sizeBytes: 1 })), language: '', name: '' },
  role: label === MAIN ? 'main' : 'dub',
});
const MANIFEST: Manifest = {
  ...{ programme: decodeProgrammeId('00'.repeat(16)), frameCount: 3, frameDurationMs: SLOT_MS, durationMs: 6_000 },
  ...{ parts: [audio(MAIN), audio(OTHER)], commitments: new Uint8Array(96), poster: hash },
  ...{ playlists: new Map(), chapters: [], previews: null },
};

async function playing({ pictureReady = true } = {}) {
  const window = new SlotWindow(3);
  const sent: Float32Array[] = [];
  const device = new SoundDevice(() => undefined, 0);
  const port = {
    postMessage: (message: { type: string; channels?: Float32Array[] }) => {
      if (message.type === 'begin') sent.length = 0;
      sent.push(...(message.channels?.slice(0, 1) ?? []));
    },
    close: () => undefined,
  };
  device.take({ type: 'sound-opened', port: port as unknown as MessagePort });
  device.take({ type: 'sound-clock', running: true, contextTimeS: 0, heardAtMs: 0 });
  const changed = new Signal();
  const reporter = new DisplayReporter('s', () => undefined);
  const shared = { timeline: new Timeline(MANIFEST), window, reporter, changed };
  const track = new SoundTrack({ ...shared, device, clock: new PlayClock() }, { label: MAIN, sampleRateHz: RATE_HZ });
  let positionMs = 0;
  const give = async (frame: number, labels: readonly string[]) => {
    const parts = new Map(labels.map((label) => [label, Uint8Array.of(frame)]));
    const outcome = { count: async () => undefined, withhold: async () => undefined };
    await window.accept({ frame, rung: '', replay: false, parts, ...outcome }, 0);
    const slot = window.at(frame);
    if (slot !== undefined) await window.count(slot, false);
    if (slot !== undefined) slot.ready = pictureReady;
    changed.notify();
  };
  const begin = () => {
    track.begin(positionMs);
    void track.follow({
      ...{ fromMs: positionMs, isStale: () => false, positionMs: () => positionMs },
      onProgress: () => undefined,
      onBroken: () => Promise.reject(new Error('nothing here is broken')),
    });
  };
  const goTo = async (toMs: number) => {
    positionMs = toMs;
    track.send(positionMs);
    await runTasks();
    track.send(positionMs);
  };
  /** The values that were sent in this line, each once, in order. */
  const heard = () => sent.flatMap((samples) => [...samples]).filter((value, at, all) => value !== all[at - 1]);
  return { window, track, changed, give, begin, goTo, heard, sent };
}

beforeEach(() => {
  vi.stubGlobal('AudioDecoder', TestDecoder);
});
afterEach(() => vi.unstubAllGlobals());

describe('CARD-3: the sound of a show', () => {
  it('is the chosen one where a frame came with two, the main one where nobody has chosen', async () => {
    const { give, begin, goTo, heard, track } = await playing();
    await give(0, [MAIN, OTHER]);
    begin();
    await goTo(0);
    expect(heard()).toEqual([1]);
    track.choose(OTHER);
    begin();
    await goTo(0);
    expect(heard()).toEqual([2]);
  });

  it('is decoded once the first picture is there, which a person waits for', async () => {
    const { window, give, begin, goTo, heard, changed } = await playing({ pictureReady: false });
    await give(0, [MAIN]);
    begin();
    await goTo(0);
    expect(heard()).toEqual([]);
    const slot = window.at(0);
    if (slot !== undefined) slot.ready = true;
    changed.notify();
    await goTo(0);
    expect(heard()).toEqual([1]);
  });

  it('waits for the chosen one of a later frame while there is time, and takes what is there when there is none', async () => {
    const { give, begin, goTo, heard, track } = await playing();
    track.choose(OTHER);
    await give(0, [OTHER]);
    await give(1, [MAIN]);
    begin();
    await goTo(0);
    expect(heard()).toEqual([2]);
    expect(track.hasBegun(1)).toBe(false);
    await goTo(1_500);
    expect(heard()).toEqual([2, 1]);
    expect(track.hasBegun(1)).toBe(true);
  });

  it('is the chosen one without a break when it comes in time', async () => {
    const { window, give, begin, goTo, heard, track, changed } = await playing();
    track.choose(OTHER);
    await give(0, [OTHER]);
    await give(1, [MAIN]);
    begin();
    await goTo(0);
    window.at(1)?.parts.set(OTHER, Uint8Array.of(1));
    changed.notify();
    await goTo(100);
    expect(heard()).toEqual([2]);
    expect(track.hasBegun(1)).toBe(true);
  });

  it('begins anew where play stands, with nothing of what is past', async () => {
    const { give, begin, goTo, heard, track, sent } = await playing();
    await give(0, [MAIN, OTHER]);
    begin();
    await goTo(500);
    track.choose(OTHER);
    begin();
    await goTo(500);
    expect(heard()).toEqual([2]);
    expect(sent.reduce((length, samples) => length + samples.length, 0)).toBe(1_500);
  });
});
