// Which packets of a slot are decoded after a seek into it. The decoder is a stand-in that notes what it is given.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CodedSound } from './demux.ts';
import { Signal } from './signal.ts';
import { SoundDecoder } from './sound-decoder.ts';
import { SoundFeed } from './sound-feed.ts';

const PACKET_MS = 20;
const decoded: number[] = [];

class TestDecoder {
  static readonly isConfigSupported = async () => ({ supported: true });
  readonly decodeQueueSize = 0;
  readonly state = 'configured';
  configure(): void {}
  decode({ timestamp }: { timestamp: number }): void {
    decoded.push(timestamp / 1_000);
  }
}

/** A slot of two seconds that begins at `startMs`. */
function slotAt(startMs: number): CodedSound {
  const chunks = Array.from({ length: 100 }, (_, at) => ({
    timestamp: (startMs + at * PACKET_MS) * 1_000,
    duration: PACKET_MS * 1_000,
  }));
  return { config: { codec: 'x', numberOfChannels: 1, sampleRate: 1_000 }, chunks: chunks as EncodedAudioChunk[] };
}

beforeEach(() => {
  decoded.length = 0;
  vi.stubGlobal('AudioDecoder', TestDecoder);
});
afterEach(() => vi.unstubAllGlobals());

describe('CARD-3: sound after a seek into a slot', () => {
  it('is decoded from a little before its place on, and all of the slots that follow', async () => {
    const feed = new SoundFeed({ nextRun: () => 1, send: () => undefined }, 1_000);
    const decoder = new SoundDecoder(feed, new Signal());
    const job = { fromMs: 11_000, isStale: () => false };
    await decoder.decode({ ...job, frame: 5, coded: slotAt(10_000) });
    expect(decoded[0]).toBe(10_780);
    expect(decoded.at(-1)).toBe(11_980);
    await decoder.decode({ ...job, frame: 6, coded: slotAt(12_000) });
    expect(decoded.slice(61)).toHaveLength(100);
  });
});
