// Decodes the sound of one slot after another into the feed. One WebCodecs decoder lives over neighbouring slots and is not
// flushed between them, so that the codec's overlap carries over the boundary without a gap.

import { FareboxError } from '../../protocol/errors.ts';
import type { CodedSound } from './demux.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import type { Signal } from './signal.ts';
import type { SoundFeed } from './sound-feed.ts';

/** One slot's sound. */
export type SoundJob = {
  readonly frame: number;
  readonly coded: CodedSound;
  /** What ends well before this place is not wanted (a seek into the slot). */
  readonly fromMs: number;
  /** True once a seek or stop made this job pointless. */
  isStale(): boolean;
};

function samplesOf(decoded: AudioData): Float32Array<ArrayBuffer>[] {
  return Array.from({ length: decoded.numberOfChannels }, (_, planeIndex) => {
    const samples = new Float32Array(decoded.numberOfFrames);
    decoded.copyTo(samples, { planeIndex, format: 'f32-planar' });
    return samples;
  });
}

/** The decoder of one session's sound. Not re-entrant: one job at a time. */
export class SoundDecoder {
  readonly #feed: SoundFeed;
  readonly #changed: Signal;
  #decoder: AudioDecoder | null = null;
  #failure: DOMException | null = null;
  /** First time of each slot in the decoder, microseconds: tells whose samples come out. */
  #owners: { readonly frame: number; readonly fromUs: number }[] = [];

  constructor(feed: SoundFeed, changed: Signal) {
    this.#feed = feed;
    this.#changed = changed;
  }

  /** Decodes one slot; resolves when the decoder has taken all of it in. Throws `frame/undecodable`, `media/no-decoder`. */
  async decode(job: SoundJob): Promise<void> {
    try {
      const decoder = await this.#decoderFor(job);
      const first = job.coded.chunks[0];
      if (first !== undefined) this.#owners.push({ frame: job.frame, fromUs: first.timestamp });
      const leadUs = (job.fromMs - DISPLAY_LIMITS.soundLeadMs) * 1000;
      for (const chunk of job.coded.chunks) {
        if (chunk.timestamp + (chunk.duration ?? 0) < leadUs) continue;
        while (!this.#hasRoom(decoder) && !job.isStale()) await this.#changed.wait();
        if (job.isStale()) return;
        decoder.decode(chunk);
      }
    } catch (cause) {
      if (job.isStale()) return;
      this.reset();
      if (cause instanceof FareboxError) throw cause;
      throw new FareboxError('frame/undecodable', { frame: job.frame }, { cause: this.#failure ?? cause });
    }
  }

  /** Lets out the last samples, at the end of the programme or of a track. */
  async finish(): Promise<void> {
    if (this.#decoder?.state === 'configured') await this.#decoder.flush();
  }

  reset(): void {
    if (this.#decoder !== null && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = null;
    this.#owners = [];
    this.#changed.notify();
  }

  #hasRoom(decoder: AudioDecoder): boolean {
    if (decoder.state === 'closed') return true;
    return decoder.decodeQueueSize < DISPLAY_LIMITS.queuedSound && this.#feed.heldMs < DISPLAY_LIMITS.soundHeldMs;
  }

  async #decoderFor(job: SoundJob): Promise<AudioDecoder> {
    if (this.#decoder?.state === 'configured') return this.#decoder;
    const { config } = job.coded;
    const { supported } = await AudioDecoder.isConfigSupported(config);
    if (supported !== true) throw new FareboxError('media/no-decoder', { codec: config.codec });
    if (job.isStale()) throw new DOMException('not wanted any more', 'AbortError');
    this.#failure = null;
    const decoder = new AudioDecoder({
      output: (decoded) => this.#keep(decoder, decoded),
      error: (failure) => {
        this.#failure = failure;
        this.#changed.notify();
      },
    });
    decoder.ondequeue = () => this.#changed.notify();
    decoder.configure(config);
    this.#decoder = decoder;
    return decoder;
  }

  #keep(from: AudioDecoder, decoded: AudioData): void {
    const next = this.#owners[1];
    if (next !== undefined && decoded.timestamp >= next.fromUs - 1) this.#owners.shift();
    const owner = this.#owners[0];
    if (from === this.#decoder && owner !== undefined) {
      this.#feed.take(owner.frame, decoded.timestamp / 1000, samplesOf(decoded));
    }
    decoded.close();
    this.#changed.notify();
  }
}
