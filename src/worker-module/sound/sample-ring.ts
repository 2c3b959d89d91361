// A bounded line of samples between the decoder and the sound device. The audio worklet owns one; it runs on the
// sound thread, so it allocates nothing while it plays and refuses what would not fit.

/** Samples of a few channels, first in, first out. */
export class SampleRing {
  readonly #channels: Float32Array[];
  readonly #capacity: number;
  #readAt = 0;
  #held = 0;

  /** `capacity`: samples a channel. */
  constructor(channelCount: number, capacity: number) {
    this.#capacity = capacity;
    this.#channels = Array.from({ length: channelCount }, () => new Float32Array(capacity));
  }

  /** Samples a channel that wait to be played. */
  get held(): number {
    return this.#held;
  }

  clear(): void {
    this.#readAt = 0;
    this.#held = 0;
  }

  /** Appends; mono is spread over all channels. Returns how many samples a channel were taken: fewer when full. */
  write(channels: readonly Float32Array[]): number {
    const first = channels[0];
    if (first === undefined) return 0;
    const count = Math.min(first.length, this.#capacity - this.#held);
    const writeAt = (this.#readAt + this.#held) % this.#capacity;
    const untilEnd = Math.min(count, this.#capacity - writeAt);
    for (const [i, ring] of this.#channels.entries()) {
      const from = channels[i] ?? first;
      ring.set(from.subarray(0, untilEnd), writeAt);
      ring.set(from.subarray(untilEnd, count), 0);
    }
    this.#held += count;
    return count;
  }

  /** Moves samples into the outputs, which it fills from the start; the rest is left as it was. Returns how many. */
  read(outputs: readonly Float32Array[]): number {
    const count = Math.min(outputs[0]?.length ?? 0, this.#held);
    const untilEnd = Math.min(count, this.#capacity - this.#readAt);
    for (const [i, output] of outputs.entries()) {
      const ring = this.#channels[Math.min(i, this.#channels.length - 1)];
      if (ring === undefined) continue;
      output.set(ring.subarray(this.#readAt, this.#readAt + untilEnd));
      output.set(ring.subarray(0, count - untilEnd), untilEnd);
    }
    this.#readAt = (this.#readAt + count) % this.#capacity;
    this.#held -= count;
    return count;
  }
}
