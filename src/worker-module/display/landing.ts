// What waits until a seek has come to its picture: the outcomes of frames that were opened ahead of the old place, and the place itself. Each is a
// durable change of the record, and the picture would stand in line behind them. Used by show.ts; nothing waits for longer than its bound.

import { DISPLAY_LIMITS } from './display-limits.ts';

/** The one seek that is under way. */
export class Landing {
  readonly #guard: (outcome: Promise<unknown>) => void;
  #owed: (() => Promise<void>)[] = [];
  #arrive: (() => void) | null = null;
  #arrived: Promise<void> = Promise.resolve();

  /** `guard` hears of what fails. */
  constructor(guard: (outcome: Promise<unknown>) => void) {
    this.#guard = guard;
  }

  /** A seek begins; the one before is over. Resolves when this one is. */
  expect(): Promise<void> {
    this.#guard(this.land());
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.#guard(this.land()), DISPLAY_LIMITS.landingMs);
    this.#arrive = () => {
      clearTimeout(timer);
      resolve();
    };
    this.#arrived = promise;
    return promise;
  }

  /** The seek under way, or one that is over. */
  get arrived(): Promise<void> {
    return this.#arrived;
  }

  /** To be done when the seek is over; at once where none is under way. */
  owe(outcome: () => Promise<void>): void {
    this.#owed.push(outcome);
    if (this.#arrive === null) this.#guard(this.land());
  }

  /** The picture is there, or nobody waits for it any more. Resolves when what was owed is durable. */
  async land(): Promise<void> {
    const owed = this.#owed;
    this.#owed = [];
    this.#arrive?.();
    this.#arrive = null;
    await Promise.all(owed.map((outcome) => outcome()));
  }
}
