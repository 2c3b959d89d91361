// The line of samples to the sound device: unbroken, and never a sample of a frame that is not counted.

import { describe, expect, it } from 'vitest';
import { RING_SECONDS } from '../sound/sound-bounds.ts';
import type { ToSoundWorklet } from '../sound/sound-messages.ts';
import { SoundFeed, type SoundSink } from './sound-feed.ts';

const RATE_HZ = 1_000;

class ListeningSink implements SoundSink {
  readonly messages: ToSoundWorklet[] = [];
  #run = 0;

  nextRun(): number {
    this.#run += 1;
    return this.#run;
  }

  send(message: ToSoundWorklet): void {
    this.messages.push(message);
  }

  samples(): number[] {
    return this.messages.flatMap((message) => (message.type === 'samples' ? [...(message.channels[0] ?? [])] : []));
  }
}

function feedFrom(positionMs: number): { feed: SoundFeed; sink: ListeningSink } {
  const sink = new ListeningSink();
  const feed = new SoundFeed(sink, RATE_HZ);
  feed.begin(positionMs);
  return { feed, sink };
}

const ones = (length: number, value: number) => [new Float32Array(length).fill(value)];
const always = () => true;

describe('the sound feed', () => {
  it('BT-4: holds back the samples of a frame until it is counted', () => {
    const { feed, sink } = feedFrom(0);
    feed.take(0, 0, ones(3, 1));
    feed.take(1, 3, ones(3, 2));
    feed.sendCounted(0, (frame) => frame === 0);
    expect(sink.samples()).toEqual([1, 1, 1]);
    feed.sendCounted(0, always);
    expect(sink.samples()).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it('sends what is counted in one message, and what is mono among it on both channels', () => {
    const { feed, sink } = feedFrom(0);
    feed.take(0, 0, [Float32Array.of(1, 2), Float32Array.of(-1, -2)]);
    feed.take(0, 3, ones(1, 3));
    feed.sendCounted(0, always);
    const sent = sink.messages.filter(({ type }) => type === 'samples');
    expect(sent).toMatchObject([{ channels: [Float32Array.of(1, 2, 0, 3), Float32Array.of(-1, -2, 0, 3)] }]);
    feed.sendCounted(0, always);
    expect(sink.messages).toHaveLength(2);
  });

  it('cuts away what lies before the place of play', () => {
    const { feed, sink } = feedFrom(2);
    feed.take(0, 0, [Float32Array.of(1, 2, 3, 4)]);
    feed.take(0, -4, ones(2, 9));
    feed.sendCounted(2, always);
    expect(sink.samples()).toEqual([3, 4]);
  });

  it('fills a gap with silence', () => {
    const { feed, sink } = feedFrom(0);
    feed.take(0, 0, ones(1, 1));
    feed.take(0, 3, ones(1, 2));
    feed.sendCounted(0, always);
    expect(sink.samples()).toEqual([1, 0, 0, 2]);
  });

  it('sends no further ahead of what is heard than its bound', () => {
    const { feed, sink } = feedFrom(0);
    for (let startMs = 0; startMs < 10_000; startMs += 500) feed.take(0, startMs, ones(500, 1));
    feed.sendCounted(0, always);
    expect(sink.samples().length).toBeLessThanOrEqual(4_500);
    feed.sendCounted(3_000, always);
    expect(sink.samples().length).toBeGreaterThan(6_000);
  });

  it('begins anew where the device wakes up, with what it still holds', () => {
    const { feed, sink } = feedFrom(0);
    feed.take(0, 0, Array.of(Float32Array.of(1, 2, 3, 4)));
    feed.dropBefore(1);
    feed.beginAgain(2);
    feed.sendCounted(2, always);
    expect(sink.messages.at(-2)).toEqual({ type: 'begin', run: feed.run, positionMs: 2, rate: 1 });
    expect(sink.samples()).toEqual([3, 4]);
  });

  it('CARD-3: at half speed sends twice the samples, and no further ahead than the ring has room for', () => {
    const { feed, sink } = feedFrom(0);
    feed.begin(0, { rate: 0.5 });
    for (let startMs = 0; startMs < 10_000; startMs += 500) feed.take(0, startMs, ones(500, 1));
    feed.sendCounted(0, always);
    expect(sink.messages.at(1)).toEqual({ type: 'begin', run: feed.run, positionMs: 0, rate: 0.5 });
    expect(sink.samples().length).toBeGreaterThan(3_500);
    expect(sink.samples().length).toBeLessThanOrEqual(RING_SECONDS * RATE_HZ);
  });

  it('BT-4: at another speed too holds back the samples of a frame until it is counted', () => {
    const { feed, sink } = feedFrom(0);
    feed.begin(0, { rate: 2 });
    feed.take(0, 0, ones(500, 1));
    feed.take(1, 500, ones(500, -1));
    feed.sendCounted(0, (frame) => frame === 0);
    expect(sink.samples().length).toBeGreaterThan(50);
    expect(Math.min(...sink.samples())).toBeGreaterThanOrEqual(0);
    feed.sendCounted(0, always);
    expect(Math.min(...sink.samples())).toBeLessThan(0);
  });

  it('gives every line a run of its own', () => {
    const { feed } = feedFrom(0);
    const first = feed.run;
    feed.begin(5_000);
    expect(feed.run).toBeGreaterThan(first);
  });
});
