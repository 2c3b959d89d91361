// Wakes whoever waits for a change. Conditions are looked at again after each wake, so a wake too many is harmless.

/** Something changed; look again. */
export class Signal {
  #waiting: (() => void)[] = [];

  /** Resolves at the next `notify`. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  notify(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
