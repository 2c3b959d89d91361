// Time as the module's cores see it: an argument, so that tests own it. worker.ts passes `systemClock`.

/** Wall clock and timer. */
export type Clock = {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Runs `run` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
};

/** The worker's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
