// Decoded samples on their way to the worklet: cut and padded into one unbroken line from where play began, and held back
// until the frame they belong to is counted, then stretched to the speed of play. Nothing uncounted ever reaches the worklet.

import type { ToSoundWorklet } from '../sound/sound-messages.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import { TimeStretch } from './time-stretch.ts';

/** Samples of one frame that follow on the ones before. */
type Piece = {
  readonly frame: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly channels: readonly Float32Array<ArrayBuffer>[];
};

/** Where samples go. */
export type SoundSink = {
  nextRun(): number;
  send(message: ToSoundWorklet, transfer: Transferable[]): void;
};

function joined(parts: readonly Float32Array<ArrayBuffer>[]): Float32Array<ArrayBuffer> {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** One session's line of samples. Times in milliseconds of the programme. */
export class SoundFeed {
  readonly #sink: SoundSink;
  #sampleRateHz: number;
  #rate = 1;
  /** Null at the speed the sound was made at. */
  #stretch: TimeStretch | null = null;
  #pieces: Piece[] = [];
  /** End of what was taken in: where the next sample belongs. */
  #endMs = 0;
  /** End of what was sent. */
  #sentMs = 0;
  #run = 0;

  constructor(sink: SoundSink, sampleRateHz: number) {
    this.#sink = sink;
    this.#sampleRateHz = sampleRateHz;
  }

  /** The stream of samples the worklet plays now; reports of others are of the past. */
  get run(): number {
    return this.#run;
  }

  /** Decoded samples that are held back, milliseconds. */
  get heldMs(): number {
    return this.#endMs - Math.max(this.#sentMs, this.#pieces[0]?.startMs ?? this.#endMs);
  }

  /** Starts a line at this place, of samples at this rate for play at this speed; what was there is forgotten. */
  begin(positionMs: number, { sampleRateHz = this.#sampleRateHz, rate = this.#rate } = {}): void {
    this.#sampleRateHz = sampleRateHz;
    this.#rate = rate;
    this.#pieces = [];
    this.#endMs = positionMs;
    this.#startRun(positionMs);
  }

  /** The device woke up: the line starts at this place with what is still held, silence where it was lost. */
  beginAgain(positionMs: number): void {
    const kept = this.#pieces;
    const endMs = this.#endMs;
    this.#pieces = [];
    this.#endMs = positionMs;
    for (const piece of kept) if (piece.endMs > positionMs) this.take(piece.frame, piece.startMs, piece.channels);
    this.#endMs = Math.max(this.#endMs, endMs);
    this.#startRun(positionMs);
  }

  #startRun(positionMs: number): void {
    this.#sentMs = positionMs;
    this.#run = this.#sink.nextRun();
    this.#stretch = this.#rate === 1 ? null : new TimeStretch(this.#sampleRateHz, this.#rate);
    this.#sink.send({ type: 'begin', run: this.#run, positionMs, rate: this.#rate }, []);
  }

  hold(held: boolean): void {
    this.#sink.send({ type: 'hold', held }, []);
  }

  /** Takes decoded samples of one frame. What lies before the line's end is cut away, a gap becomes silence. */
  take(frame: number, startMs: number, channels: readonly Float32Array<ArrayBuffer>[]): void {
    const length = channels[0]?.length ?? 0;
    const perMs = this.#sampleRateHz / 1000;
    const offset = Math.round((startMs - this.#endMs) * perMs);
    if (offset > 0) this.padTo(frame, startMs);
    const skipped = Math.max(0, -offset);
    if (skipped >= length) return;
    this.#append(frame, skipped === 0 ? channels : channels.map((samples) => samples.slice(skipped)));
  }

  /** Silence up to this place, where a track has nothing. */
  padTo(frame: number, untilMs: number): void {
    while (this.#endMs < untilMs) {
      const pieceMs = Math.min(DISPLAY_LIMITS.silencePieceMs, untilMs - this.#endMs);
      const length = Math.round((pieceMs * this.#sampleRateHz) / 1000);
      if (length === 0) return;
      this.#append(frame, [new Float32Array(length)]);
    }
  }

  #append(frame: number, channels: readonly Float32Array<ArrayBuffer>[]): void {
    const startMs = this.#endMs;
    const endMs = startMs + ((channels[0]?.length ?? 0) / this.#sampleRateHz) * 1000;
    this.#pieces.push({ frame, startMs, endMs, channels });
    this.#endMs = endMs;
  }

  /** Sends what is counted, up to the bound ahead of what is heard. */
  sendCounted(positionMs: number, isCounted: (frame: number) => boolean): void {
    // Slow play makes more samples of the same, and the ring has room for so many.
    const aheadMs = DISPLAY_LIMITS.soundAheadMs * Math.min(1, this.#rate);
    const due: (readonly Float32Array<ArrayBuffer>[])[] = [];
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
      if (!isCounted(piece.frame) || piece.startMs > positionMs + aheadMs) break;
      this.#pieces.shift();
      this.#sentMs = piece.endMs;
      const channels = this.#stretch?.process(piece.channels) ?? piece.channels;
      if (channels.length > 0) due.push(channels);
    }
    this.#sendSamples(due);
  }

  /** A frame's sound decodes to a hundred pieces; a message for each would cost more than they do. */
  #sendSamples(pieces: readonly (readonly Float32Array<ArrayBuffer>[])[]): void {
    const channelCount = Math.max(0, ...pieces.map(({ length }) => length));
    if (channelCount === 0) return;
    // What is mono is spread over all channels, as the ring does.
    const channels = Array.from({ length: channelCount }, (_, channel) =>
      joined(pieces.flatMap((piece) => piece[channel] ?? piece[0] ?? [])),
    );
    this.#sink.send(
      { type: 'samples', run: this.#run, channels },
      channels.map((samples) => samples.buffer),
    );
  }

  /** While no device takes them: forgets what is over. */
  dropBefore(positionMs: number): void {
    this.#pieces = this.#pieces.filter((piece) => piece.endMs > positionMs);
  }
}
