// The pictures of a show: follows the frames as they come, decodes ahead into a bounded queue, draws what is due.
// Every picture drawn belongs to a frame that was counted; the queue and the painter own and close all of them.

import { checkCoded } from './check-coded.ts';
import { demuxPictures, readPictureConfig } from './demux.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import type { Painter } from './painter.ts';
import { PictureDecoder } from './picture-decoder.ts';
import { PictureQueue, type ReadyPicture } from './picture-queue.ts';
import type { PictureTransform } from './picture-transform.ts';
import type { Slot } from './slot-window.ts';
import { type FollowJob, followFrames, type TrackParts } from './track.ts';

/** The pictures of one session. */
export class PictureTrack {
  readonly #parts: TrackParts & { readonly painter: Painter };
  readonly #queue = new PictureQueue();
  readonly #decoder: PictureDecoder;

  constructor(parts: TrackParts & { readonly painter: Painter; readonly transform: PictureTransform }) {
    this.#parts = parts;
    this.#decoder = new PictureDecoder(this.#queue, parts.transform, parts.changed);
  }

  /** Gets ready for pictures of this part. What is wrong with it is met again, and told, by the first of them. */
  expect(label: string): void {
    const init = this.#parts.timeline.pictureInit(label);
    if (init === null) return;
    readPictureConfig(label, init)
      .then((config) => this.#decoder.expect(label, config))
      .catch(() => undefined);
  }

  /** Decodes frame after frame from a place of play on. `positionMs`: where play stands, to give up what is long past. */
  async follow(job: FollowJob & { positionMs(): number }): Promise<void> {
    await followFrames(this.#parts, job, (slot) => this.#decodeSlot(slot, job));
  }

  async #decodeSlot(slot: Slot, job: FollowJob & { positionMs(): number }): Promise<void> {
    const { timeline, window, reporter, changed } = this.#parts;
    const part = timeline.partOf(slot.parts, 'video');
    if (part === null) {
      slot.decoded = true;
      slot.ready = true;
      slot.shown = true;
      job.onProgress();
      changed.notify();
      return;
    }
    const coded = await demuxPictures(part.label, part.init, part.segment);
    if (job.isStale()) return;
    checkCoded(coded, timeline.described(part.label), timeline.slotOf(slot.frame));
    // Only pictures that would be drawn too late are given up, and only where the next frame can be begun instead.
    const givesUpAt = (startMs: number) =>
      slot.state === 'counted' &&
      job.positionMs() - startMs > DISPLAY_LIMITS.decodeLagMs &&
      window.at(slot.frame + 1) !== undefined;
    const { fromMs, isStale, onProgress } = job;
    reporter.dropped(await this.#decoder.decode({ slot, coded, fromMs, givesUpAt, isStale, onProgress }));
  }

  /**
   * Draws the newest counted picture that is due at this speed; older ones are too late and dropped. `heardMs`: the sound heard now.
   * @returns milliseconds until the next one is due, or null where it is not here, or not counted
   */
  drawDue(positionMs: number, heardMs: number | null, rate: number): number | null {
    const dueMs = positionMs + DISPLAY_LIMITS.earlyMs * rate;
    const isDue = (ready: ReadyPicture | undefined) =>
      ready !== undefined && ready.startMs <= dueMs && ready.slot.state === 'counted';
    while (isDue(this.#queue.peek(1))) {
      this.#queue.take()?.picture.close();
      this.#parts.reporter.dropped(1);
    }
    if (isDue(this.#queue.peek())) this.#draw(this.#queue.take(), heardMs);
    this.#parts.changed.notify();
    const next = this.#queue.peek();
    return next?.slot.state === 'counted' ? (next.startMs - positionMs) / rate - DISPLAY_LIMITS.aimMs : null;
  }

  /** Draws the first picture there is of a counted frame, due or not. */
  drawFirstOf(slot: Slot): void {
    this.#draw(this.#queue.takeOf(slot) ?? this.#decoder.takeOver(slot), null);
    this.#parts.changed.notify();
  }

  #draw(ready: ReadyPicture | undefined, heardMs: number | null): void {
    if (ready === undefined) return;
    this.#parts.painter.draw(ready.picture);
    ready.slot.shown = true;
    this.#parts.reporter.drawn(ready.slot.frame, ready.startMs, heardMs);
  }

  /** Lets go of every picture. */
  reset(): void {
    this.#queue.clear();
    this.#decoder.reset();
  }

  /** Lets go of every picture and of the decoder. */
  close(): void {
    this.#queue.clear();
    this.#decoder.close();
  }
}
