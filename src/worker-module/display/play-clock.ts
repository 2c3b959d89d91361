// Where play stands. The sound leads while it is heard, because a late picture is hard to see and a torn sound easy to hear;
// without sound the time does. Pure: the time comes in as an argument. It never runs past what was counted and, between
// two `begin`, never backwards.

import { DISPLAY_LIMITS } from './display-limits.ts';

/** What the sound device last said, in this worker's time. */
export type HeardPosition = {
  readonly positionMs: number;
  /** Time at which that place is heard, on the clock given to `PlayClock`. */
  readonly heardAtMs: number;
  /** False where the device holds or starves there. */
  readonly moving: boolean;
};

/** The clock of one session's display. All times in milliseconds; `nowMs` is monotonic. */
export class PlayClock {
  #positionMs = 0;
  #atMs = 0;
  #limitMs = 0;
  #running = false;
  #runSinceMs = 0;
  #soundExpected = false;
  #heard: HeardPosition | null = null;
  /** Milliseconds of the programme in one of time. */
  #rate = 1;

  /** Stands at a place; nothing may pass `limitMs`, the end of what is counted. */
  begin(positionMs: number, limitMs: number): void {
    this.#positionMs = positionMs;
    this.#limitMs = limitMs;
    this.#running = false;
    this.#heard = null;
  }

  /** Goes on. With `soundExpected` it waits a moment for the sound to move first. */
  run(nowMs: number, soundExpected: boolean): void {
    if (this.#running) return;
    this.#running = true;
    this.#soundExpected = soundExpected;
    this.#heard = null;
    this.#runSinceMs = nowMs;
    this.#atMs = nowMs;
  }

  hold(nowMs: number): void {
    this.positionMs(nowMs);
    this.#running = false;
    this.#heard = null;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Goes on at another speed from where it stands. What the sound device last said was of the old one. */
  setRate(nowMs: number, rate: number): void {
    const positionMs = this.positionMs(nowMs);
    if (this.#heard !== null) this.#heard = { positionMs, heardAtMs: nowMs, moving: this.#heard.moving };
    this.#rate = rate;
  }

  /** More was counted. */
  setLimit(limitMs: number): void {
    this.#limitMs = limitMs;
  }

  /** The sound device spoke. The first words after `run` that it moves make it lead. */
  follow(heard: HeardPosition): void {
    if (!this.#running) return;
    if (this.#heard === null && !heard.moving) return;
    this.#heard = heard;
  }

  /** The sound device is gone or sleeps: the time leads from here. */
  loseSound(nowMs: number): void {
    this.positionMs(nowMs);
    this.#heard = null;
    this.#soundExpected = false;
  }

  /** True while the sound leads. */
  get soundLeads(): boolean {
    return this.#heard !== null;
  }

  /** True while play waits for the sound to begin. */
  #awaitsSound(nowMs: number): boolean {
    return this.#soundExpected && this.#heard === null && nowMs - this.#runSinceMs < DISPLAY_LIMITS.soundGraceMs;
  }

  /** Place of the sound that is heard now, or null without sound. Not bounded by the limit: it is a measurement. */
  heardMs(nowMs: number): number | null {
    const heard = this.#heard;
    if (heard === null) return null;
    const sinceMs = (nowMs - heard.heardAtMs) * this.#rate;
    return heard.positionMs + (heard.moving ? sinceMs : Math.min(0, sinceMs));
  }

  /** Where play stands. */
  positionMs(nowMs: number): number {
    if (!this.#running) return this.#positionMs;
    const heardMs = this.heardMs(nowMs);
    const wanted = this.#awaitsSound(nowMs)
      ? this.#positionMs
      : (heardMs ?? this.#positionMs + (nowMs - this.#atMs) * this.#rate);
    this.#positionMs = Math.min(Math.max(this.#positionMs, wanted), Math.max(this.#positionMs, this.#limitMs));
    this.#atMs = nowMs;
    return this.#positionMs;
  }
}
