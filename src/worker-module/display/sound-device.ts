// The worker's half of the sound device: whether it is there and runs, its clock in this worker's time, and the way for
// samples. One for the worker's life; the session that plays uses it.

import type { SoundFrameMessage, WorkerToFrame } from '../frame-messages.ts';
import type { FromSoundWorklet, ToSoundWorklet } from '../sound/sound-messages.ts';
import type { HeardPosition } from './play-clock.ts';

/** `asleep`: made, but the browser or the system holds it. */
export type SoundDeviceState = 'closed' | 'opening' | 'asleep' | 'running' | 'absent';

/** What the session that plays gets to hear. */
export type SoundListener = {
  onState(state: SoundDeviceState): void;
  onReport(run: number, heard: HeardPosition, starved: boolean): void;
};

/** The sound device as the worker sees it. */
export class SoundDevice {
  readonly #post: (message: WorkerToFrame) => void;
  /** Milliseconds since 1970 of this worker's `performance.now() === 0`. */
  readonly #timeOriginMs: number;
  #state: SoundDeviceState = 'closed';
  #port: MessagePort | null = null;
  #listener: SoundListener | null = null;
  /** Heard time minus context time: adding a context time gives the worker's time. */
  #contextZeroMs = 0;
  #run = 0;
  #sampleRateHz = 0;

  constructor(post: (message: WorkerToFrame) => void, timeOriginMs: number) {
    this.#post = post;
    this.#timeOriginMs = timeOriginMs;
  }

  get state(): SoundDeviceState {
    return this.#state;
  }

  /** A number for a new stream of samples, never used before. */
  nextRun(): number {
    this.#run += 1;
    return this.#run;
  }

  listen(listener: SoundListener | null): void {
    this.#listener = listener;
  }

  /** Opens the device at this rate, or wakes it: to be called whenever the person asks to play. */
  open(sampleRateHz: number): void {
    if (this.#state === 'absent') return;
    const isOther = this.#port !== null && sampleRateHz !== this.#sampleRateHz;
    this.#sampleRateHz = sampleRateHz;
    if (isOther) {
      // The frame makes another device: what is sent to this one would be lost.
      this.#port?.close();
      this.#port = null;
    }
    if (isOther || this.#state === 'closed') this.#enter('opening');
    this.#post({ type: 'sound-open', sampleRateHz });
  }

  rest(): void {
    if (this.#state !== 'closed' && this.#state !== 'absent') this.#post({ type: 'sound-rest' });
  }

  setVolume(volume: number, muted: boolean): void {
    this.#post({ type: 'volume', volume, muted });
  }

  /** To the worklet. Before the device is there nothing is sent: the feed begins anew when it runs. */
  send(message: ToSoundWorklet, transfer: Transferable[] = []): void {
    this.#port?.postMessage(message, transfer);
  }

  /** From the frame. */
  take(message: SoundFrameMessage): void {
    switch (message.type) {
      case 'sound-absent':
        this.#enter('absent');
        return;
      case 'sound-opened':
        this.#port?.close();
        this.#port = message.port;
        this.#port.onmessage = (event: MessageEvent<FromSoundWorklet>) => this.#report(event.data);
        this.#enter('asleep');
        return;
      case 'sound-clock':
        this.#contextZeroMs = message.heardAtMs - this.#timeOriginMs - message.contextTimeS * 1000;
        if (this.#port !== null) this.#enter(message.running ? 'running' : 'asleep');
        return;
    }
  }

  #report(report: FromSoundWorklet): void {
    const heardAtMs = this.#contextZeroMs + report.contextTimeS * 1000;
    const heard = { positionMs: report.positionMs, heardAtMs, moving: report.moving };
    this.#listener?.onReport(report.run, heard, report.starved);
  }

  #enter(state: SoundDeviceState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#listener?.onState(state);
  }
}
