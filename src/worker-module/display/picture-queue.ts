// Decoded pictures waiting to be drawn, in order. It owns every picture in it and closes those it lets go, except one that
// `take` hands over. Bounded by the decoder, which waits for room.

import type { Slot } from './slot-window.ts';

/** A decoded picture and when it is due. */
export type ReadyPicture = {
  readonly picture: VideoFrame;
  readonly slot: Slot;
  readonly startMs: number;
};

/** First in, first out. */
export class PictureQueue {
  readonly #ready: ReadyPicture[] = [];

  get length(): number {
    return this.#ready.length;
  }

  push(ready: ReadyPicture): void {
    this.#ready.push(ready);
  }

  /** The picture that follows after `skip` others; it stays owned by the queue. */
  peek(skip = 0): ReadyPicture | undefined {
    return this.#ready[skip];
  }

  /** Hands over the first picture of this slot and closes those before it. */
  takeOf(slot: Slot): ReadyPicture | undefined {
    const at = this.#ready.findIndex((ready) => ready.slot === slot);
    if (at < 0) return undefined;
    for (const before of this.#ready.splice(0, at)) before.picture.close();
    return this.#ready.shift();
  }

  /** Hands over the first picture. */
  take(): ReadyPicture | undefined {
    return this.#ready.shift();
  }

  clear(): void {
    for (const ready of this.#ready.splice(0)) ready.picture.close();
  }
}
