// Batches that this desk runs now: started, paused, told how fast they are. A run that has ended leaves nothing here but why it ended where
// that was a failure; what it did is in its files (batch-shelf.ts).

import { FareboxError, type FareboxErrorCode } from '../../src/protocol/errors.ts';
import { codeOf } from '../http/errors.ts';
import { runBatch } from '../key-unit/batch.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { StoredBatch } from './batch-shelf.ts';
import type { KeyUse } from './key-lease.ts';

/** A run on its way. */
export type RunView = {
  /** False while the key unit is opened and the answers are read; the counts are not known then. */
  readonly begun: boolean;
  readonly answered: number;
  readonly failed: number;
  /** Commands a second over the last moments; null before there are two measures. */
  readonly perSecond: number | null;
  /** True from the pause that was asked for until the piece under way is on the disk. */
  readonly pausing: boolean;
};

/** How far back the rate looks, in milliseconds: long enough to be calm, short enough to be of now. */
const RATE_WINDOW_MS = 5_000;

type Sample = { readonly timeMs: number; readonly answered: number };
type Run = {
  readonly stopping: AbortController;
  answered: number;
  failed: number;
  samples: readonly Sample[];
  /** Settled when the run has ended, however. */
  ended: Promise<void>;
};

/** The runs of one desk. */
export class Runs {
  readonly #keys: KeyUse;
  readonly #clock: () => number;
  readonly #running = new Map<string, Run>();
  readonly #troubles = new Map<string, FareboxErrorCode>();

  constructor(keys: KeyUse, clock: () => number) {
    this.#keys = keys;
    this.#clock = clock;
  }

  /**
   * Begins a batch, or goes on behind its last answer. Resolves when it has the answers to itself and has read what is there.
   * @throws FareboxError `keys/busy` where it runs, here or in another process, or too many do; what opening the key unit and reading the
   * files throws.
   */
  async start(batch: StoredBatch): Promise<void> {
    if (this.#running.has(batch.id) || this.#running.size >= SERVER_LIMITS.runningBatches) {
      throw new FareboxError('keys/busy');
    }
    const run: Run = {
      ...{ stopping: new AbortController(), answered: 0, failed: 0, samples: [], ended: Promise.resolve() },
    };
    this.#running.set(batch.id, run);
    this.#troubles.delete(batch.id);
    const begun = Promise.withResolvers<void>();
    run.ended = this.#work(batch, run, begun.resolve).then(
      () => begun.resolve(),
      (cause: unknown) => {
        this.#troubles.set(batch.id, codeOf(cause));
        begun.reject(cause);
      },
    );
    await begun.promise;
  }

  /** Asks a run to stop behind the piece that it is at. @throws FareboxError `request/not-found` where it does not run. */
  pause(id: string): void {
    const run = this.#running.get(id);
    if (run === undefined) throw new FareboxError('request/not-found');
    run.stopping.abort();
  }

  /** A run on its way; null where there is none. */
  view(id: string): RunView | null {
    const run = this.#running.get(id);
    if (run === undefined) return null;
    const { answered, failed, samples, stopping } = run;
    const begun = samples.length > 0;
    return { begun, answered, failed, perSecond: rateOf(samples), pausing: stopping.signal.aborted };
  }

  /** Why the last run of a batch ended, where it failed. */
  trouble(id: string): FareboxErrorCode | null {
    return this.#troubles.get(id) ?? null;
  }

  /** Stops all of them in order. */
  async stop(): Promise<void> {
    const runs = [...this.#running.values()];
    for (const { stopping } of runs) stopping.abort();
    await Promise.all(runs.map(({ ended }) => ended));
  }

  async #work({ id, set, unitsFile, answersFile }: StoredBatch, run: Run, begun: () => void): Promise<void> {
    try {
      await this.#keys.use((keys) =>
        runBatch({
          unitsFile,
          answersFile,
          customize: (commands) => keys.customize(set, commands),
          progress: (answered, _commands, failed) => {
            this.#note(run, answered, failed);
            begun();
          },
          signal: run.stopping.signal,
        }),
      );
    } finally {
      this.#running.delete(id);
    }
  }

  #note(run: Run, answered: number, failed: number): void {
    const timeMs = this.#clock();
    run.answered = answered;
    run.failed = failed;
    const recent = run.samples.filter((sample) => timeMs - sample.timeMs <= RATE_WINDOW_MS);
    run.samples = [...recent, { timeMs, answered }];
  }
}

function rateOf(samples: readonly Sample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.timeMs <= first.timeMs) return null;
  return (1000 * (last.answered - first.answered)) / (last.timeMs - first.timeMs);
}
