// How long play stands still for one frame, without the time in which the person holds it. Kept by the show. Pure: the time comes in.

/** The stall of the frame that is to be counted next. All times in milliseconds, monotonic. */
export class StallMeter {
  #sinceMs: number | null = null;
  #bankedMs = 0;

  /** True while play stands still for want of the frame. */
  get isRunning(): boolean {
    return this.#sinceMs !== null;
  }

  /** Play stands still, or goes on doing so. */
  begin(nowMs: number): void {
    this.#sinceMs ??= nowMs;
  }

  /** The person holds play: what comes is no stall. */
  hold(nowMs: number): void {
    if (this.#sinceMs === null) return;
    this.#bankedMs += nowMs - this.#sinceMs;
    this.#sinceMs = null;
  }

  /** How long play has stood still at a moment, which may lie before the stall: 0 then. */
  atMs(momentMs: number): number {
    const running = this.#sinceMs === null ? 0 : Math.max(0, momentMs - this.#sinceMs);
    return this.#bankedMs + running;
  }

  /** Ends it. Answers how long it was. */
  end(nowMs: number): number {
    const ms = this.atMs(nowMs);
    this.#sinceMs = null;
    this.#bankedMs = 0;
    return ms;
  }
}
