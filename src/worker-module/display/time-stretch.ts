// Sound at another speed and the same pitch (WSOLA, @soundtouchjs/core). Used by the sound feed, which gives it counted samples only: what
// comes out is made of what went in before, so nothing uncounted can come out either.

import { Stretch } from '@soundtouchjs/core';

/** Length of the pieces, ms: long enough for a low voice, and short, because within one sound and picture part. */
const SEQUENCE_MS = 50;
/** Mean length of the window in which a piece looks for a fitting beginning, ms. */
const SEEK_MS = 20;

/** Samples of one line, a channel each; two go in and out, more are left out, one is spread. */
type Channels = readonly Float32Array[];

/** Stretches one unbroken line of samples; a new line needs a new one. */
export class TimeStretch {
  readonly #stretch: Stretch;

  /** `rate`: 2 plays twice as fast. */
  constructor(sampleRateHz: number, rate: number) {
    this.#stretch = new Stretch({ sampleRate: sampleRateHz, createBuffers: true });
    this.#stretch.setParameters(sampleRateHz, SEQUENCE_MS, 0, 0);
    this.#stretch.tempo = rate;
    // Within a piece sound goes at its own speed, and a piece begins where it fits, a little ahead: silence of the mean of both before
    // the first sample puts the whole line where it belongs.
    const { overlapMs } = this.#stretch;
    const leadMs = Math.max(0, overlapMs + SEEK_MS / 2 + ((1 - rate) * (SEQUENCE_MS - overlapMs)) / 2);
    this.#put(new Float32Array(2 * Math.round((leadMs * sampleRateHz) / 1000)));
  }

  /** Takes samples in and gives what is ready by now, perhaps nothing; a tenth of a second stays inside. */
  process(channels: Channels): Float32Array<ArrayBuffer>[] {
    const [left] = channels;
    if (left === undefined) return [];
    const right = channels[1] ?? left;
    const interleaved = new Float32Array(left.length * 2);
    for (let i = 0; i < left.length; i += 1) {
      interleaved[2 * i] = left[i] ?? 0;
      interleaved[2 * i + 1] = right[i] ?? 0;
    }
    this.#put(interleaved);
    return this.#take();
  }

  #put(interleaved: Float32Array): void {
    this.#stretch.inputBuffer?.putSamples(interleaved, 0, interleaved.length / 2);
    this.#stretch.process();
  }

  #take(): Float32Array<ArrayBuffer>[] {
    const output = this.#stretch.outputBuffer;
    const count = output?.frameCount ?? 0;
    if (output === null || count === 0) return [];
    const interleaved = new Float32Array(count * 2);
    output.extract(interleaved, 0, count);
    output.receive(count);
    return [0, 1].map((channel) => Float32Array.from({ length: count }, (_, i) => interleaved[2 * i + channel] ?? 0));
  }
}
