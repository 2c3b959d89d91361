// The sound device's end: an AudioWorkletProcessor that plays samples in the order they came and says where it stands.
// Loaded by the module's frame as a file of its own. It never sees a coded byte and posts nothing but positions.

import { SampleRing } from './sample-ring.ts';
import { CHANNELS, REPORT_SECONDS, RING_SECONDS } from './sound-bounds.ts';
import type { FromSoundWorklet, ToSoundWorklet } from './sound-messages.ts';

// The worklet's globals are in no library that TypeScript ships.
declare const sampleRate: number;
declare const currentTime: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class SlotSound extends AudioWorkletProcessor {
  readonly #ring = new SampleRing(CHANNELS, RING_SECONDS * sampleRate);
  #worker: MessagePort | null = null;
  #run = 0;
  #beginMs = 0;
  #rate = 1;
  #played = 0;
  #held = true;
  /** Seconds on the context's clock. */
  #reportAtS = 0;
  #wasMoving = false;

  constructor() {
    super();
    // The frame hands over the port to the worker once; a later one belongs to a new worker and starts empty.
    this.port.onmessage = (event: MessageEvent<MessagePort>) => {
      this.#worker?.close();
      this.#ring.clear();
      this.#held = true;
      this.#worker = event.data;
      this.#worker.onmessage = (message: MessageEvent<ToSoundWorklet>) => this.#take(message.data);
    };
  }

  #take(message: ToSoundWorklet): void {
    if (message.type === 'hold') {
      this.#held = message.held;
    } else if (message.type === 'begin') {
      this.#ring.clear();
      this.#run = message.run;
      this.#beginMs = message.positionMs;
      this.#rate = message.rate;
      this.#played = 0;
    } else if (message.run === this.#run) {
      this.#ring.write(message.channels);
    }
    this.#reportAtS = currentTime;
  }

  process(_inputs: unknown, outputs: readonly (readonly Float32Array[])[]): boolean {
    const output = outputs[0] ?? [];
    const startMs = this.#beginMs + (this.#played / sampleRate) * 1000 * this.#rate;
    const count = this.#held ? 0 : this.#ring.read(output);
    this.#played += count;
    const moving = count > 0;
    if (moving !== this.#wasMoving || currentTime >= this.#reportAtS) {
      this.#wasMoving = moving;
      this.#reportAtS = currentTime + REPORT_SECONDS;
      const report: FromSoundWorklet = {
        run: this.#run,
        positionMs: startMs,
        contextTimeS: currentTime,
        moving,
        starved: !this.#held && count === 0,
      };
      this.#worker?.postMessage(report);
    }
    return true;
  }
}

registerProcessor('farebox-sound', SlotSound);
