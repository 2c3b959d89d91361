// Counts the commands of a file while it passes, and refuses what can be no file of commands before it fills the disk: one that is too
// large, has too many lines, or a line that is longer than any command. Called by batch-shelf.ts.

import { FareboxError } from '../../src/protocol/errors.ts';

const LINE_END = 0x0a;
/** Space, tab, carriage return and the like: a line of nothing else at the end of a file is no command. */
const LAST_BLANK = 0x20;

/** The bounds of a file of commands. */
export type CountedLimits = Readonly<Record<'batchSizeBytes' | 'batchCommands' | 'batchCommandLength', number>>;

/** Counts one file. */
export class LineCounter {
  readonly #limits: CountedLimits;
  #sizeBytes = 0;
  /** Line that is passing, from 1. */
  #line = 1;
  #lineBytes = 0;
  #lastFilledLine = 0;

  constructor(limits: CountedLimits) {
    this.#limits = limits;
  }

  /** Passes a file on as it is. @throws FareboxError `request/too-large` beyond a bound, `keys/malformed` for a line that is too long. */
  async *through(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.#sizeBytes += chunk.byteLength;
      if (this.#sizeBytes > this.#limits.batchSizeBytes) throw new FareboxError('request/too-large');
      this.#count(chunk);
      yield chunk;
    }
  }

  /** Commands of the file that has passed: its lines, blank ones at the end left out. @throws FareboxError `keys/malformed` where there is none. */
  commands(): number {
    if (this.#lastFilledLine === 0) throw new FareboxError('keys/malformed', { commands: 0 });
    return this.#lastFilledLine;
  }

  #count(chunk: Uint8Array): void {
    const { batchCommands, batchCommandLength } = this.#limits;
    for (const byte of chunk) {
      if (byte === LINE_END) {
        this.#line += 1;
        this.#lineBytes = 0;
        continue;
      }
      this.#lineBytes += 1;
      if (this.#lineBytes > batchCommandLength) throw new FareboxError('keys/malformed', { line: this.#line });
      if (byte > LAST_BLANK && this.#lastFilledLine !== this.#line) {
        this.#lastFilledLine = this.#line;
        if (this.#line > batchCommands) throw new FareboxError('request/too-large');
      }
    }
  }
}
