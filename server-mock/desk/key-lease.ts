// The key unit for as long as it is needed, and a moment more: with no server running, whoever has it open has the whole database, and a
// server that is started meanwhile would be turned away. Opened anew each time, so that it is found wherever it is then.

import { FareboxError } from '../../src/protocol/errors.ts';
import type { KeyRegistry } from '../key-unit/registry.ts';

/** What is opened and closed. */
export type OpenedKeys = { readonly keys: DeskKeys; readonly close: () => Promise<void> };

/** What the desk asks of the key unit, and no more. */
export type DeskKeys = Pick<KeyRegistry, 'sets' | 'apps' | 'customize'>;

/** The key unit for one piece of work. */
export type KeyUse = { use<Result>(work: (keys: DeskKeys) => Promise<Result>): Promise<Result> };

/** Gives the key unit to one piece of work after another. */
export class KeyLease implements KeyUse {
  readonly #open: () => Promise<OpenedKeys>;
  readonly #idleMs: number;
  #opened: Promise<OpenedKeys> | null = null;
  #closing: Promise<void> = Promise.resolve();
  #users = 0;
  #isStale = false;
  #idle: NodeJS.Timeout | undefined;

  /** `idleMs`: how long it stays open with nobody using it. */
  constructor(open: () => Promise<OpenedKeys>, idleMs: number) {
    this.#open = open;
    this.#idleMs = idleMs;
  }

  /** Works with the key unit. @throws what opening it throws, and what the work does. */
  async use<Result>(work: (keys: DeskKeys) => Promise<Result>): Promise<Result> {
    clearTimeout(this.#idle);
    this.#users += 1;
    try {
      this.#opened ??= this.#closing.then(() => this.#open());
      const { keys } = await this.#opened;
      return await work(keys);
    } catch (cause) {
      // The server that was asked is gone, or there was none to open: whoever comes next looks again.
      if (cause instanceof FareboxError && /^(network|server)\//.test(cause.code)) this.#isStale = true;
      throw cause;
    } finally {
      this.#users -= 1;
      // Never from under another one's hands.
      if (this.#users === 0 && this.#isStale) this.#letGo();
      else if (this.#users === 0) this.#idle = setTimeout(() => this.#letGo(), this.#idleMs);
    }
  }

  /** Closes it for good; whoever uses it has ended before. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    this.#letGo();
    await this.#closing;
  }

  #letGo(): void {
    const opened = this.#opened;
    if (opened === null) return;
    this.#opened = null;
    this.#isStale = false;
    this.#closing = this.#closing.then(async () => {
      // It was never open: whoever asked for it was told so.
      const found = await opened.catch(() => null);
      await found?.close();
    });
  }
}
