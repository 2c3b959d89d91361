// The frames the display holds: which are here, which it wants, which are counted. Every prepared frame that enters ends in
// exactly one of `count` and `withhold`; this is the only place that calls either.

import type { PreparedFrame } from '../frame-gateway.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';

/**
 * held → counting → counted; held → withheld (gone from the window); held → broken (withheld, kept so that it is passed over);
 * counting → refused (the record did not take it: never shown).
 */
export type SlotState = 'held' | 'counting' | 'counted' | 'broken' | 'refused';

/** One frame in the window. */
export type Slot = {
  readonly prepared: PreparedFrame;
  readonly frame: number;
  /** Label → clear bytes: what it came with, and what came since. */
  readonly parts: Map<string, Uint8Array>;
  state: SlotState;
  /** A picture of it is decoded (or it has none): whatever comes, something of it can be shown. */
  decoded: boolean;
  /** Its first picture due is decoded (or it has none): it could be shown now. */
  ready: boolean;
  /** A picture of it was drawn, or it has none. What is counted must be shown. */
  shown: boolean;
  /** Time at which it was delivered. */
  readonly deliveredAtMs: number;
  /** While `counting`; settles either way. */
  counting: Promise<void>;
};

/** The frames of one session around the place of play. */
export class SlotWindow {
  readonly #slots = new Map<number, Slot>();
  #frameCount: number;
  #first = 0;

  constructor(frameCount: number) {
    this.#frameCount = frameCount;
  }

  /** The programme has so many frames: a live one that has ended. */
  endAt(frameCount: number): void {
    this.#frameCount = frameCount;
  }

  at(frame: number): Slot | undefined {
    return this.#slots.get(frame);
  }

  all(): Slot[] {
    return [...this.#slots.values()];
  }

  /** Frames not here yet, soonest first: the one that plays and `ahead` more. */
  wanted(ahead: number): number[] {
    const frames: number[] = [];
    for (let frame = this.#first; frame <= this.#first + ahead && frame < this.#frameCount; frame++) {
      if (!this.#slots.has(frame)) frames.push(frame);
    }
    return frames;
  }

  /** Takes a frame in, or withholds it where it is not wanted any more. Null in that case. */
  async accept(prepared: PreparedFrame, nowMs: number): Promise<Slot | null> {
    if (!this.wanted(DISPLAY_LIMITS.framesAhead).includes(prepared.frame)) {
      await prepared.withhold();
      return null;
    }
    const slot: Slot = {
      prepared,
      frame: prepared.frame,
      parts: new Map(prepared.parts),
      state: 'held',
      decoded: false,
      ready: false,
      shown: false,
      deliveredAtMs: nowMs,
      counting: Promise.resolve(),
    };
    this.#slots.set(prepared.frame, slot);
    return slot;
  }

  /** Counts a held frame; resolves when it is durable and may be shown. Throws what the record threw. */
  async count(slot: Slot, late: boolean): Promise<void> {
    slot.state = 'counting';
    const outcome = slot.prepared.count({ late });
    slot.counting = outcome.then(
      () => {
        slot.state = 'counted';
      },
      () => {
        slot.state = 'refused';
      },
    );
    await slot.counting;
    await outcome;
  }

  /** A held frame that cannot be shown at all: withheld, and passed over. */
  async breakUp(slot: Slot): Promise<void> {
    slot.state = 'broken';
    await slot.prepared.withhold();
  }

  /** Play has come to this frame: those before are done with. */
  advance(frame: number): void {
    this.#first = frame;
    for (const slot of this.#slots.values()) if (slot.frame < frame) this.#slots.delete(slot.frame);
  }

  /**
   * Goes to another frame: counted ones are forgotten (showing them again is the record's to allow), held ones that are due there stay.
   * @returns what withholds the rest, to be called once
   */
  moveTo(frame: number): () => Promise<void> {
    this.#first = frame;
    const away = this.all().filter((slot) => {
      const due = slot.frame >= frame && slot.frame <= frame + DISPLAY_LIMITS.framesAhead;
      return !(due && slot.state === 'held');
    });
    for (const slot of away) this.#slots.delete(slot.frame);
    for (const slot of this.#slots.values()) slot.ready = slot.decoded = false;
    const held = away.filter((slot) => slot.state === 'held');
    return async () => void (await Promise.all(held.map((slot) => slot.prepared.withhold())));
  }

  /** Withholds all that is held and forgets everything. */
  async clear(): Promise<void> {
    const held = this.all().filter((slot) => slot.state === 'held');
    this.#slots.clear();
    await Promise.all(held.map((slot) => slot.prepared.withhold()));
  }
}
