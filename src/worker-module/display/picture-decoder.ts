// Decodes the video of one slot after another into the queue, never further ahead than the queue's bound. One WebCodecs
// decoder lives over all slots and seeks; it is flushed at the end of each slot, so that another rung can begin with the next.

import { FareboxError } from '../../protocol/errors.ts';
import type { CodedPictures } from './demux.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import type { PictureQueue, ReadyPicture } from './picture-queue.ts';
import type { PictureTransform } from './picture-transform.ts';
import type { Signal } from './signal.ts';
import type { Slot } from './slot-window.ts';

/** What a slot's decoding needs to know beside its coded pictures. */
export type PictureJob = {
  readonly slot: Slot;
  readonly coded: CodedPictures;
  /** Pictures that end before this place are not wanted (a seek into the slot). */
  readonly fromMs: number;
  /** True when decoding lags so far that the rest of the slot should be given up; asked before each coded picture. */
  givesUpAt(startMs: number): boolean;
  /** True once a seek or stop made this job pointless. */
  isStale(): boolean;
  /** More can be done with the slot: its first picture is decoded, or the first one due. */
  onProgress(): void;
};

/** True for a picture that ends before this place; the millisecond takes up rounding of the container's timescale. */
function isOver(picture: VideoFrame, fromMs: number): boolean {
  return picture.duration !== null && (picture.timestamp + picture.duration) / 1000 <= fromMs + 1;
}

/**
 * Pictures that one thread decodes in time. More threads each hold a picture back, and hand them on in turns: to the place of a seek that takes
 * longer than decoding does, and counting waits for the first of them.
 */
function isSmall({ codedWidth = 0, codedHeight = 0 }: VideoDecoderConfig): boolean {
  return codedWidth * codedHeight <= DISPLAY_LIMITS.oneThreadPixels;
}

/** The decoder of one session's pictures. Not re-entrant: one job at a time. */
export class PictureDecoder {
  readonly #queue: PictureQueue;
  readonly #transform: PictureTransform;
  /** Notified by whoever takes pictures out of the queue. */
  readonly #changed: Signal;
  #decoder: VideoDecoder | null = null;
  /** Part that the decoder is set up for: another one means another rung. */
  #label: string | null = null;
  /** Parts whose configuration the browser has said that it can decode. */
  readonly #supported = new Set<string>();
  /** Set up, and nothing was decoded since. */
  #clean = false;
  #closed = false;
  #job: PictureJob | null = null;
  #failure: DOMException | null = null;
  /** The newest picture before the place of a seek. */
  #over: VideoFrame | null = null;

  constructor(queue: PictureQueue, transform: PictureTransform, changed: Signal) {
    this.#queue = queue;
    this.#transform = transform;
    this.#changed = changed;
  }

  /** Decodes one slot; resolves with the number of coded pictures given up. Throws `frame/undecodable`, `media/no-decoder`. */
  async decode(job: PictureJob): Promise<number> {
    this.#job = job;
    const givenUp = await this.#decodeAll(job);
    this.#keepLast(job);
    if (!job.slot.ready && !job.isStale()) throw new FareboxError('frame/undecodable', { frame: job.slot.frame });
    return givenUp;
  }

  async #decodeAll(job: PictureJob): Promise<number> {
    try {
      const decoder = await this.#decoderFor(job);
      for (const [i, chunk] of job.coded.chunks.entries()) {
        while (!this.#hasRoom(decoder, chunk.timestamp / 1000 < job.fromMs) && !job.isStale())
          await this.#changed.wait();
        if (job.isStale()) return 0;
        if (job.givesUpAt(chunk.timestamp / 1000)) {
          await decoder.flush();
          return job.coded.chunks.length - i;
        }
        decoder.decode(chunk);
      }
      await decoder.flush();
      return 0;
    } catch (cause) {
      if (job.isStale()) return 0;
      // It may have been counted already, on the strength of what was decoded: that is what there is to show.
      this.#keepLast(job);
      this.#drop();
      if (cause instanceof FareboxError) throw cause;
      throw new FareboxError('frame/undecodable', { frame: job.slot.frame }, { cause: this.#failure ?? cause });
    }
  }

  /** Sets the decoder up for a part before anything of it is here; does nothing where there is one already. Throws `media/no-decoder`. */
  async expect(label: string, config: VideoDecoderConfig): Promise<void> {
    await this.#expectSupported(label, config);
    if (this.#decoder === null && this.#job === null && !this.#closed) this.#configure(label, config);
  }

  /** Throws away what is being decoded; the next job starts clean, with the same decoder. */
  reset(): void {
    this.#job = null;
    this.#closeOver();
    // One that was set up and has decoded nothing is as clean as it was.
    if (this.#clean) return;
    if (this.#decoder?.state === 'configured') this.#decoder.reset();
    this.#label = null;
    this.#changed.notify();
  }

  /** Throws away all of it. */
  close(): void {
    this.#closed = true;
    this.#job = null;
    this.#drop();
    this.#changed.notify();
  }

  /** The newest picture before the place of a seek, where the slot is being decoded and nothing else of it is there. */
  takeOver(slot: Slot): ReadyPicture | undefined {
    const over = this.#over;
    if (over === null || this.#job?.slot !== slot) return undefined;
    this.#over = null;
    return { picture: this.#transform(over, slot.frame), slot, startMs: over.timestamp / 1000 };
  }

  #drop(): void {
    if (this.#decoder !== null && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = null;
    this.#label = null;
    this.#clean = false;
    this.#closeOver();
  }

  #closeOver(): void {
    this.#over?.close();
    this.#over = null;
  }

  #hasRoom(decoder: VideoDecoder, isSkipped: boolean): boolean {
    if (decoder.state === 'closed') return true;
    if (isSkipped) return decoder.decodeQueueSize < DISPLAY_LIMITS.skippedChunks;
    return this.#queue.length < DISPLAY_LIMITS.readyPictures && decoder.decodeQueueSize < DISPLAY_LIMITS.queuedChunks;
  }

  async #decoderFor(job: PictureJob): Promise<VideoDecoder> {
    const { label, config } = job.coded;
    if (this.#decoder?.state === 'configured' && this.#label === label) {
      this.#clean = false;
      return this.#decoder;
    }
    await this.#expectSupported(label, config);
    if (job.isStale()) throw new DOMException('not wanted any more', 'AbortError');
    const decoder = this.#configure(label, config);
    this.#clean = false;
    return decoder;
  }

  /** Asks the browser once for each part. */
  async #expectSupported(label: string, config: VideoDecoderConfig): Promise<void> {
    if (this.#supported.has(label)) return;
    const { supported } = await VideoDecoder.isConfigSupported(config);
    if (supported !== true) throw new FareboxError('media/no-decoder', { codec: config.codec });
    this.#supported.add(label);
  }

  #configure(label: string, config: VideoDecoderConfig): VideoDecoder {
    if (this.#decoder === null || this.#decoder.state === 'closed') {
      this.#failure = null;
      const decoder = new VideoDecoder({
        output: (picture) => this.#keep(decoder, picture),
        error: (failure) => {
          this.#failure = failure;
          this.#changed.notify();
        },
      });
      decoder.ondequeue = () => this.#changed.notify();
      this.#decoder = decoder;
    }
    this.#decoder.configure({ ...config, optimizeForLatency: isSmall(config) });
    this.#label = label;
    this.#clean = true;
    return this.#decoder;
  }

  #keep(from: VideoDecoder, decoded: VideoFrame): void {
    const job = this.#job;
    if (job === null || from !== this.#decoder || job.isStale()) {
      decoded.close();
    } else if (isOver(decoded, job.fromMs)) {
      this.#closeOver();
      this.#over = decoded;
      if (job.slot.decoded) return;
      job.slot.decoded = true;
      job.onProgress();
    } else {
      this.#hand(job, decoded);
    }
  }

  /** A seek to the very end of a slot finds all its pictures over: the last one is what stands there. */
  #keepLast(job: PictureJob): void {
    if (job.isStale()) return;
    const over = this.#over;
    this.#over = null;
    if (over === null) return;
    if (job.slot.ready) over.close();
    else this.#hand(job, over);
  }

  #hand(job: PictureJob, decoded: VideoFrame): void {
    const startMs = decoded.timestamp / 1000;
    this.#queue.push({ picture: this.#transform(decoded, job.slot.frame), slot: job.slot, startMs });
    const isFirst = !job.slot.ready;
    job.slot.decoded = true;
    job.slot.ready = true;
    if (isFirst) job.onProgress();
    this.#changed.notify();
  }
}
